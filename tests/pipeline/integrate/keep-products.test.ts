// Products that are kept for debugging: described files, none of which stays open.
import { readFile } from 'node:fs/promises';
import { afterEach, expect, it, vi } from 'vitest';
import { Memmap } from '../../../src/cleanup/memmap.js';
import { openWorkspace } from '../../../src/cleanup/workspace.js';
import { productKeepers } from '../../../src/pipeline/integrate/keep-products.js';
import { optionsFor } from '../../cleanup/world.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';

const folder = temporaryFolder();
afterEach(() => vi.restoreAllMocks());

it('each is closed once it is written', async () => {
  const workspace = await openWorkspace(optionsFor(folder(), 'unset'));
  try {
    const close = vi.spyOn(Memmap.prototype, 'close');
    const keep = productKeepers(workspace, 0)();
    const data = Uint32Array.of(1, 2, 3, 4, 5, 6, 7, 8);
    await keep('stack', { name: 'stack_mean_used', data }, { x0: 3, y0: 4, width: 2, height: 2 });
    expect(close).toHaveBeenCalledTimes(1);
    const { path } = close.mock.contexts[0] as Memmap;
    const bytes = await readFile(path);
    expect([0, 4, 28].map((at) => bytes.readFloatLE(at))).toEqual([1, 2, 8]);
  } finally {
    await workspace.finish('success');
  }
});

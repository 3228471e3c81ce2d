// Two cells are under way at a time: the next one's frames go to the device while a stack comes back.
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { BackendName, Program } from '../../src/compute/backend.js';
import { createReferenceBackend } from '../../src/cpu-fallback/reference-backend.js';
import { temporaryFolderForFile } from '../helpers/temporary-folder.js';
import { makeSmallSession, readPlane, run } from './support.js';

const folder = temporaryFolderForFile();

it.each([
  ['webgpu', 'begins when the stack of the one before has been submitted'],
  ['wasm', 'begins when the one before is written'],
] as const)('a cell on %s %s, and none before the one before that is written', async (device, _when) => {
  const input_dir = path.join(folder(), `session-${device}`);
  await makeSmallSession(input_dir, { panels: [1, 1], subs: 3, size: [160, 200], extras: false });
  const into = (name: string) => ({
    input_dir,
    output_dir: path.join(folder(), device, name),
    cell_size_px: '128',
  });
  await run(into('plain'), { backend: createReferenceBackend });

  const backend = createReferenceBackend();
  const underWay = new Set<number>();
  let stacks = 0;
  let most = 0;
  let together = 0;
  let begun = (): void => undefined;
  const submit = async (program: Program) => {
    if (program.label !== 'stack') {
      begun();
      return backend.submit(program);
    }
    const number = stacks++;
    underWay.add(number);
    most = Math.max(most, underWay.size);
    const next = new Promise<boolean>((resolve) => (begun = () => resolve(true)));
    const result = await backend.submit(program);
    if (await Promise.race([next, wait(300, false)])) together++;
    underWay.delete(number);
    return result;
  };
  await run(into('watched'), { backend: () => ({ ...bound(backend, device), submit }) });
  expect(stacks).toBeGreaterThan(3);
  expect(together).toBe(device === 'webgpu' ? stacks - 1 : 0);
  expect(most).toBeLessThanOrEqual(2);
  const science = (name: string) => path.join(folder(), device, name, 'zemosaic_science.fits');
  for (const plane of [0, 1, 2])
    expect(await readPlane(science('watched'), plane)).toEqual(await readPlane(science('plain'), plane));
});

/** The backend's own methods, to be laid under others, by another name. */
const bound = (backend: ReturnType<typeof createReferenceBackend>, name: BackendName) => ({
  info: { ...backend.info, name },
  supports: backend.supports.bind(backend),
  resident: backend.resident.bind(backend),
  takeProfile: backend.takeProfile.bind(backend),
  close: backend.close.bind(backend),
});

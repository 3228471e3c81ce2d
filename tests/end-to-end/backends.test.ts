// The same run on every backend: the mosaics agree within the contract's tolerances, and every backend leaves nothing resident.
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ComputeBackend } from '../../src/compute/backend.js';
import { openBackend } from '../helpers/backends.js';
import { temporaryFolderForFile } from '../helpers/temporary-folder.js';
import { makeSmallSession, readPlane, run } from './support.js';

const folder = temporaryFolderForFile();
const input = () => path.join(folder(), 'session');
const output = (name: string) => path.join(folder(), name);

beforeAll(async () => {
  await makeSmallSession(input(), { panels: [1, 1], subs: 5, size: [128, 160], extras: false });
  await run({ input_dir: input(), output_dir: output('reference') });
});

const webgpuExpected = process.env.ZEMOSAIC_TEST_WEBGPU === '1';

describe.each(['webgpu', 'wasm', 'gpujs'])('a whole run on %s', (name) => {
  it.skipIf(name === 'webgpu' && !webgpuExpected)('gives the mosaic of the reference', async () => {
    let backend: ComputeBackend | undefined;
    const { report } = await run(
      { input_dir: input(), output_dir: output(name) },
      { backend: async () => (backend = await openBackend(name)) },
    );
    expect(report.backend?.name).toBe(name);
    expect(backend!.resident().handles).toBe(0);
    for (let plane = 0; plane < 3; plane++) {
      const [theirs, ours] = await Promise.all(
        ['reference', name].map((dir) => readPlane(path.join(output(dir), 'zemosaic_science.fits'), plane)),
      );
      let different = 0;
      let covered = 0;
      for (let i = 0; i < ours.data.length; i++) {
        expect(Number.isNaN(ours.data[i])).toBe(Number.isNaN(theirs.data[i]));
        if (Number.isNaN(theirs.data[i])) continue;
        covered++;
        // A rejection that falls the other way moves a pixel by a fraction of its noise; rounding moves none by more than this.
        if (Math.abs(ours.data[i] - theirs.data[i]) > 1e-5 * Math.abs(theirs.data[i])) different++;
      }
      expect(covered).toBeGreaterThan(15_000);
      expect(different / covered).toBeLessThan(1e-3);
    }
  });
});

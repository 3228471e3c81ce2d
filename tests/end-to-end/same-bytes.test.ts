// On one backend and adapter a mosaic is the same to the byte from any number of threads and from cells of any size: every plane of every image
// of the product, with all that looks at neighbours (colours of a CFA, the guard for few frames, trails) and maps of what was rejected.
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ComputeBackend } from '../../src/compute/backend.js';
import { createWasmBackend } from '../../src/cpu-fallback/wasm/wasm-backend.js';
import { openBackend } from '../helpers/backends.js';
import { temporaryFolderForFile } from '../helpers/temporary-folder.js';
import { makeSmallSession, readPlane, run } from './support.js';

const folder = temporaryFolderForFile();
const input = () => path.join(folder(), 'session');

beforeAll(async () => {
  await makeSmallSession(input(), { panels: [1, 1], subs: 5, size: [130, 170], extras: false });
});

const IMAGES = [
  ['PRIMARY', 3],
  ['UNCERTAINTY', 3],
  ['COVERAGE', 1],
  ['REJECTED_LOW', 3],
  ['REJECTED_HIGH', 3],
] as const;

interface Made {
  readonly cells: number;
  readonly planes: Readonly<Record<string, Buffer>>;
}

let runs = 0;

async function made(backend: () => Promise<ComputeBackend>, cellSizePx: number): Promise<Made> {
  const output_dir = path.join(folder(), `out-${runs++}`);
  const { report, events } = await run(
    {
      input_dir: input(),
      output_dir,
      cell_size_px: String(cellSizePx),
      save_rejection_maps: true,
      large_scale_rejection: true,
    },
    { backend },
  );
  expect(report.samples!.rejected_high).toBeGreaterThan(0);
  const planes: Record<string, Buffer> = {};
  for (const [hdu, count] of IMAGES) {
    for (let plane = 0; plane < count; plane++) {
      const { data } = await readPlane(path.join(output_dir, 'zemosaic_science.fits'), plane, hdu);
      planes[`${hdu} ${plane}`] = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    }
  }
  const steps = events.filter((e) => e.type === 'phase-progress' && e.phase === 'assembly');
  return { cells: steps.length, planes };
}

function expectSame(one: Made, other: Made): void {
  for (const [name, bytes] of Object.entries(one.planes))
    expect([name, bytes.equals(other.planes[name])]).toEqual([name, true]);
}

const webgpuExpected = process.env.ZEMOSAIC_TEST_WEBGPU === '1';

describe.each(['reference', 'gpujs', 'webgpu'])('a mosaic made by %s', { timeout: 300_000 }, (name) => {
  it.skipIf(name === 'webgpu' && !webgpuExpected)('is the same from small cells and large ones', async () => {
    const small = await made(() => openBackend(name), 64);
    const large = await made(() => openBackend(name), 0);
    expect(small.cells).toBeGreaterThan(large.cells + 4);
    expectSame(small, large);
  });
});

describe('a mosaic made by wasm', { timeout: 300_000 }, () => {
  it('is the same from 1, 2 and 4 threads, from small cells and large ones', async () => {
    const [first, ...others] = [
      await made(() => createWasmBackend({ threads: 1 }), 64),
      await made(() => createWasmBackend({ threads: 2 }), 0),
      await made(() => createWasmBackend({ threads: 4 }), 128),
    ];
    expect(new Set([first, ...others].map(({ cells }) => cells)).size).toBe(3);
    for (const other of others) expectSame(first, other);
  });
});

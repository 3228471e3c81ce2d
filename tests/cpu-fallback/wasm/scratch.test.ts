// What threads work in keeps its place in the memory of the wasm backend.
import { expect, it } from 'vitest';
import type { Handle, Op } from '../../../src/compute/backend.js';
import { loadKernels } from '../../../src/cpu-fallback/wasm/load-kernels.js';
import { WasmBackend } from '../../../src/cpu-fallback/wasm/wasm-backend.js';
import { WorkerPool } from '../../../src/cpu-fallback/wasm/worker-pool.js';
import { alloc, f32, free, opened } from './open-backends.js';

const [PIXELS, SLOTS] = [64, 1000];
/** A stack of so many slots needs more in each thread. */
const SCRATCH = SLOTS * 4 * PIXELS;

it('stays from one stack to the next, which may be somewhat deeper', async () => {
  const kernels = await loadKernels();
  const pool = await WorkerPool.start(kernels.module, kernels.memory, 1);
  const backend = opened(new WasmBackend(kernels, pool));
  const deepest = Math.floor(1.2 * SLOTS);
  const outputs: Record<string, Handle> = { mean: f32('mean', PIXELS), weight: f32('weight', PIXELS) };
  for (const name of ['used', 'rejected_low', 'rejected_high'])
    outputs[name] = { label: name, element: 'u32', length: PIXELS };
  const buffers = { cube: f32('cube', deepest * PIXELS), frame_weights: f32('weights', deepest), ...outputs };
  const stack = (slots: number): Op => ({
    op: 'kernel',
    stem: 'stack-kappa-sigma',
    params: { pixels: PIXELS, planes: 1, slots, kappaLow: 3, kappaHigh: 3, maxIterations: 5, combine: 0 },
    buffers,
  });
  await backend.submit({ label: 'first', ops: [...Object.values(buffers).map(alloc), stack(SLOTS)] });
  const before = kernels.memory.buffer.byteLength;
  // would lie where the scratch was
  const small = f32('small', 4096);
  await backend.submit({ label: 'between', ops: [alloc(small)] });
  await backend.submit({ label: 'deeper', ops: [stack(deepest)] });
  expect(kernels.memory.buffer.byteLength - before).toBeLessThan(SCRATCH / 2);
  await backend.submit({ label: 'end', ops: [small, ...Object.values(buffers)].map(free) });
});

// What threads work in keeps its place in the memory of the wasm backend, as long as there is room.
import { expect, it } from 'vitest';
import type { Handle, Op } from '../../../src/compute/backend.js';
import { HEAP_START } from '../../../src/cpu-fallback/wasm/control-area.js';
import { kernelPasses } from '../../../src/cpu-fallback/wasm/kernel-passes.js';
import { loadKernels } from '../../../src/cpu-fallback/wasm/load-kernels.js';
import { WasmBackend } from '../../../src/cpu-fallback/wasm/wasm-backend.js';
import { WorkerPool } from '../../../src/cpu-fallback/wasm/worker-pool.js';
import { alloc, f32, free, opened } from './open-backends.js';

const [PIXELS, SLOTS] = [64, 1000];
/** A stack of so many slots needs more in each thread. */
const SCRATCH = SLOTS * 4 * PIXELS;

async function open(limitBytes?: number) {
  const kernels = await loadKernels();
  const pool = await WorkerPool.start(kernels.module, kernels.memory, 1);
  const limit = limitBytes ?? kernels.limitBytes;
  return {
    backend: opened(new WasmBackend({ ...kernels, limitBytes: limit }, pool)),
    memory: kernels.memory,
  };
}

/** Buffers of a stack of so many slots at most, and the stack of some of them. */
function stacks(deepest: number) {
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
  return { all: Object.values(buffers), stack };
}

it('stays from one stack to the next, which may be somewhat deeper', async () => {
  const { backend, memory } = await open();
  const deepest = Math.floor(1.2 * SLOTS);
  const { all, stack } = stacks(deepest);
  await backend.submit({ label: 'first', ops: [...all.map(alloc), stack(SLOTS)] });
  const before = memory.buffer.byteLength;
  // would lie where the scratch was
  const small = f32('small', 4096);
  await backend.submit({ label: 'between', ops: [alloc(small)] });
  await backend.submit({ label: 'deeper', ops: [stack(deepest)] });
  expect(memory.buffer.byteLength - before).toBeLessThan(SCRATCH / 2);
  // one that needs far more has more
  const { all: large, stack: largest } = stacks(10 * SLOTS);
  await backend.submit({ label: 'large', ops: large.map(alloc) });
  const without = memory.buffer.byteLength;
  await backend.submit({ label: 'largest', ops: [largest(10 * SLOTS)] });
  expect(memory.buffer.byteLength - without).toBeGreaterThan(8 * SCRATCH);
  await backend.submit({ label: 'end', ops: [small, ...all, ...large].map(free) });
});

it('goes where a buffer has no other room, and has none to spare where there is none', async () => {
  const room = 2 ** 21;
  const { backend } = await open(HEAP_START + room);
  const scratch = kernelPasses['stack-kappa-sigma'].passes[0].scratch!({ slots: SLOTS });
  /** A stack beside a buffer of so many bytes, and then a buffer that takes all. */
  const fits = async (bytes: number) => {
    const { all, stack } = stacks(SLOTS);
    const own = [f32('beside', bytes / 4), ...all];
    await backend.submit({ label: 'stack', ops: [...own.map(alloc), stack(SLOTS), ...own.map(free)] });
    const whole = f32('whole', (room - 128) / 4);
    await backend.submit({ label: 'whole', ops: [alloc(whole), free(whole)] });
  };
  const taken = stacks(SLOTS).all.reduce((sum, { length }) => sum + 4 * length + 128, 0);
  for (const spare of [scratch, 0.1 * scratch, scratch / 2])
    await fits(16 * Math.floor((room - taken - scratch - spare) / 16));
  await expect(fits(16 * Math.ceil((room - scratch) / 16))).rejects.toMatchObject({
    code: 'wasm_out_of_memory',
  });
  await fits(16);
});

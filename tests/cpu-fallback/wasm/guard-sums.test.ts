// What the guard for few frames adds up in single precision before it looks closely hides no sample that goes, whatever the numbers.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ComputeBackend } from '../../../src/compute/backend.js';
import { createReferenceBackend } from '../../../src/cpu-fallback/reference-backend.js';
import { createWasmBackend } from '../../../src/cpu-fallback/wasm/wasm-backend.js';
import { runKernel } from '../../helpers/kernel-runs.js';

let wasm: ComputeBackend;
beforeAll(async () => {
  wasm = await createWasmBackend({ threads: 1 });
});
afterAll(() => wasm.close());

/** Whether the sample in the middle of 3 x 3 goes, whose median is 0 as those of its direct neighbours. Its limit: 3 sqrt(1 + 1.6 / 100) = 3.024; from half of that on its surroundings decide. */
async function goes(backend: ComputeBackend, samples: readonly number[], medians: readonly number[]) {
  const shape = { width: 3, height: 3, planes: 1, slots: 2, slot: 0 };
  const cube = new Float32Array(18);
  cube.set(samples, 9);
  const guard = { maxSamples: 16, kappaLow: 3, kappaHigh: 3, slope: 0, pairSlope: 0 };
  const { rejected_low, rejected_high } = await runKernel(
    backend,
    'guard-few',
    { ...shape, ...guard },
    {
      cube,
      frame_weights: Float32Array.of(1),
      median: Float32Array.from(medians),
      weight: new Float32Array(9).fill(100),
      used: new Uint32Array(9).fill(5),
    },
  );
  return (rejected_low as Uint32Array)[4] + (rejected_high as Uint32Array)[4] === 1;
}

const flat = (residual: number) => new Array<number>(9).fill(residual);
/** Samples and medians with a residual in the middle, one at both corners to the left, and one at both to the right. */
function corners(middle: number, left: number, right: number) {
  const [bright, faint] = [1, -1].map((sign) => [left, 0, right].map((r) => Math.max(sign * r, 0)));
  return { samples: [...bright, 0, middle, 0, ...bright], medians: [...faint, 0, 0, 0, ...faint] };
}

it.each([
  ['beyond single precision on the way, above', corners(2, -2e38, 3e38), true],
  ['beyond single precision on the way, below', corners(-2, 2e38, -3e38), true],
  ['beyond single precision in the end, to the other side', corners(-2, 2e38, -1e38), false],
  ['surroundings that just reach it', { samples: flat(1.82), medians: flat(0) }, true],
  ['surroundings that just do not', { samples: flat(1.81), medians: flat(0) }, false],
])('%s', async (_, { samples, medians }, expected) => {
  expect(await goes(createReferenceBackend(), samples, medians)).toBe(expected);
  expect(await goes(wasm, samples, medians)).toBe(expected);
});

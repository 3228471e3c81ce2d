// Statements about drop-rejected that hold on every backend.
import { expect } from 'vitest';
import type { ComputeBackend } from '../../../src/compute/backend.js';
import { BLANK_VALUE } from '../../../src/compute/constants.js';
import { createReferenceBackend } from '../../../src/cpu-fallback/reference-backend.js';
import { expectClose } from '../../helpers/expect-arrays.js';
import { runKernel, seededNormal, seededRandom } from '../../helpers/kernel-runs.js';

const stem = 'drop-rejected';
const NONE = BLANK_VALUE;

/** Five slots of two pixels: two low and one high go of the first, of the second one of two equal ones and nothing below. */
export async function checkTakesTheEnds(backend: ComputeBackend): Promise<void> {
  const columns = [
    [5, -3, NONE, 900, -4],
    [7, 7, 1, NONE, 6],
  ];
  const result = await runKernel(
    backend,
    stem,
    { pixels: 2, planes: 1, slots: 5 },
    {
      cube: Float32Array.from({ length: 10 }, (_, k) => columns[k % 2][k >> 1]),
      rejected_low: Uint32Array.of(2, 0),
      rejected_high: Uint32Array.of(1, 1),
    },
  );
  const expected = [
    [5, NONE, NONE, NONE, NONE],
    [NONE, 7, 1, NONE, 6],
  ];
  expect([...result.cube]).toEqual(Array.from({ length: 10 }, (_, k) => expected[k % 2][k >> 1]));
}

/** What is left of a stack's samples has the mean and the weight that the stack found, in every plane. */
export async function checkLeavesWhatTheStackCombined(backend: ComputeBackend): Promise<void> {
  const [random, normal] = [seededRandom(3), seededNormal(4)];
  const shape = { pixels: 70, planes: 2, slots: 12 };
  const cube = Float32Array.from({ length: 140 * 12 }, () => {
    if (random() < 0.05) return BLANK_VALUE;
    return 1000 + 10 * normal() + (random() < 0.1 ? 800 * (random() - 0.3) : 0);
  });
  const frame_weights = Float32Array.from({ length: 24 }, () => 0.5 + random());
  const clip = { kappaLow: 3, kappaHigh: 2.5, maxIterations: 10, combine: 0 };
  const stack = await runKernel(backend, 'stack-kappa-sigma', { ...shape, ...clip }, { cube, frame_weights });
  const dropped = await runKernel(backend, stem, shape, { ...stack, cube });
  const again = await runKernel(backend, 'stack-mean', shape, { cube: dropped.cube, frame_weights });
  expectClose(again.used, stack.used, { relative: 0 });
  expectClose(again.mean, stack.mean, { relative: 1e-6 });
  expectClose(again.weight, stack.weight, { relative: 1e-6 });
  expect([...stack.rejected_high].reduce((a, b) => a + b, 0)).toBeGreaterThan(50);
  const expected = await runKernel(createReferenceBackend(), stem, shape, { ...stack, cube });
  expect(dropped.cube).toEqual(expected.cube);
}

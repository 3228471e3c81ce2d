// What the two clipping stacks promise alike, on every backend.
import { expect } from 'vitest';
import type { ComputeBackend } from '../../../src/compute/backend.js';
import { BLANK_VALUE } from '../../../src/compute/constants.js';
import { seededNormal } from '../../helpers/kernel-runs.js';
import { expectCombined, onePixel, stackOf, type StackStem } from './stack.js';

/** Ten samples about 1000 whose deviations are below 2 sigma of any estimate, in no order. */
const QUIET = [1003, 996, 1001, 999, 1005, 994, 1000, 1002, 998, 1000];

export async function plantedOutliersGo(backend: ComputeBackend, stem: StackStem): Promise<void> {
  const B = BLANK_VALUE;
  const kappa = { kappaLow: 2.5, kappaHigh: 2.5 };
  const quiet = { used: 10, low: 0, high: 0, mean: 999.8 };
  expectCombined(await onePixel(backend, stem, QUIET, kappa), quiet);
  const high = { ...quiet, high: 1 };
  expectCombined(await onePixel(backend, stem, [1500, ...QUIET, B], kappa), high);
  const low = { ...quiet, low: 1 };
  expectCombined(await onePixel(backend, stem, [...QUIET, B, 400], kappa), low);
  const both = [...QUIET.slice(0, 5), 1700, 1000.5, 300, ...QUIET.slice(5)];
  const tighter = { kappaLow: 2.2, kappaHigh: 2.2 };
  expectCombined(await onePixel(backend, stem, both, tighter), { used: 11, low: 1, high: 1 });
}

/** Each side has its own kappa. */
export async function sidesAreSeparate(backend: ComputeBackend, stem: StackStem): Promise<void> {
  const samples = [...QUIET, 1500, 500];
  const onlyHigh = { kappaLow: 1e6, kappaHigh: 2.2 };
  const onlyLow = { kappaLow: 2.2, kappaHigh: 1e6 };
  expectCombined(await onePixel(backend, stem, samples, onlyHigh), { low: 0, high: 1, used: 11 });
  expectCombined(await onePixel(backend, stem, samples, onlyLow), { low: 1, high: 0, used: 11 });
}

export async function survivorsAreCombinedWithTheirWeights(
  backend: ComputeBackend,
  stem: StackStem,
): Promise<void> {
  const samples = [...QUIET, 5000];
  const weights = samples.map((_, k) => (k === 10 ? 100 : k === 4 ? 3 : 1));
  const sum = QUIET.reduce((a, b) => a + b, 0) + 2 * 1005;
  const mean = { used: 10, high: 1, weight: 12, mean: sum / 12 };
  expectCombined(await onePixel(backend, stem, samples, {}, weights), mean);
  const median = { used: 10, high: 1, weight: 12, mean: 1000 };
  expectCombined(await onePixel(backend, stem, samples, { combine: 1 }, weights), median);
}

/** Fewer than 3 survivors are left alone; where a tiny kappa would reject all, what equals the lower middle sample stays. */
export async function someAlwaysSurvive(backend: ComputeBackend, stem: StackStem): Promise<void> {
  const tiny = { kappaLow: 0.01, kappaHigh: 0.01 };
  expectCombined(await onePixel(backend, stem, [4, 1, 3, 2], tiny), { used: 1, low: 1, high: 2, mean: 2 });
  expectCombined(await onePixel(backend, stem, [3, 1, 3, 1], tiny), { used: 2, low: 0, high: 2, mean: 1 });
  expectCombined(await onePixel(backend, stem, [9, 5, 1], tiny), { used: 1, low: 1, high: 1, mean: 5 });
  expectCombined(await onePixel(backend, stem, [9, 5, 1, 7], { ...tiny, maxIterations: 0 }), { used: 4 });
}

/** Of normal noise 0.27 % lies beyond 3 sigma; clipping again after each loss adds a little. */
export async function noiseLosesItsTailsOnly(backend: ComputeBackend, stem: StackStem): Promise<void> {
  const normal = seededNormal(99);
  const [pixels, slots] = [256, 64];
  const cube = Float32Array.from({ length: pixels * slots }, () => 5000 + 30 * normal());
  const clipping = { kappaLow: 3, kappaHigh: 3, maxIterations: 5, combine: 0 };
  const weights = new Float32Array(slots).fill(1);
  const s = await stackOf(backend, stem, cube, weights, { pixels, planes: 1 }, clipping);
  const share = (counts: Uint32Array) => counts.reduce((a, b) => a + b, 0) / cube.length;
  for (const side of [s.rejected_low, s.rejected_high]) {
    expect(share(side)).toBeGreaterThan(0.0007);
    expect(share(side)).toBeLessThan(0.004);
  }
}

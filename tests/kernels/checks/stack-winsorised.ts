// Statements about stack-winsorised that hold on every backend.
import type { ComputeBackend } from '../../../src/compute/backend.js';
import * as common from './stack.js';
import * as clipping from './stack-clipping.js';

const stem = 'stack-winsorised';

export const checkFewEqualBlankAndHuge = (b: ComputeBackend) => common.fewEqualBlankAndHuge(b, stem);
export const checkCountsAddUp = (b: ComputeBackend) => common.countsAddUp(b, stem);
export const checkParityAtAllDepths = (b: ComputeBackend) => common.parityAtAllDepths(b, stem);
export const checkPlantedOutliersGo = (b: ComputeBackend) => clipping.plantedOutliersGo(b, stem);
export const checkSidesAreSeparate = (b: ComputeBackend) => clipping.sidesAreSeparate(b, stem);
export const checkSurvivorsAreCombinedWithTheirWeights = (b: ComputeBackend) =>
  clipping.survivorsAreCombinedWithTheirWeights(b, stem);
export const checkSomeAlwaysSurvive = (b: ComputeBackend) => clipping.someAlwaysSurvive(b, stem);
export const checkNoiseLosesItsTailsOnly = (b: ComputeBackend) => clipping.noiseLosesItsTailsOnly(b, stem);

/** An outlier among five is beyond no plain kappa above 2.24, as it makes its own sigma; the winsorised sigma is not taken in. */
export async function checkOutlierAmongFiveGoes(backend: ComputeBackend): Promise<void> {
  const samples = [9, 10, 100, 11, 10];
  const found = await common.onePixel(backend, stem, samples, { kappaLow: 4, kappaHigh: 4 });
  common.expectCombined(found, { used: 4, low: 0, high: 1, mean: 10 });
}

/**
 * 0 1 2 3 4 5 6 about 3: while 1.5 s >= 3 nothing is pulled in, so s' = 1.134 * 2.1602 = 2.4497 at the second step too, where it
 * settles. A further sample 3 + d makes a stack of eight of its own; here the fixed point itself is bracketed: 6 lies 3 / 2.4497 =
 * 1.2247 sigma above the median.
 */
export async function checkSigmaOfAnEvenSpreadByHand(backend: ComputeBackend): Promise<void> {
  const samples = [3, 0, 6, 1, 5, 2, 4];
  const once = { maxIterations: 1, kappaLow: 1e6 };
  const keeps = await common.onePixel(backend, stem, samples, { ...once, kappaHigh: 1.23 });
  common.expectCombined(keeps, { used: 7, high: 0, mean: 3 });
  const drops = await common.onePixel(backend, stem, samples, { ...once, kappaHigh: 1.22 });
  common.expectCombined(drops, { used: 6, high: 1, mean: 2.5 });
}

/**
 * 10 20 20 30 1000 about 20: the fixed point of s = 1.134 sd(-10, 0, 0, 10, 1.5 s) (all but the outlier inside): with r = 1.5 s the sum is r
 * and the squares 200 + r^2, so s^2 = 1.134^2 (200 + 0.8 r^2) / 4 = 64.30 + 0.5787 s^2, s = 12.35; settled to 5e-4 a step it ends
 * within 0.1 % of it. 30 lies 10 / 12.35 = 0.810 sigma above the median.
 */
export async function checkFixedPointByHand(backend: ComputeBackend): Promise<void> {
  const samples = [20, 1000, 10, 30, 20];
  const once = { maxIterations: 1, kappaLow: 1e6 };
  const keeps = await common.onePixel(backend, stem, samples, { ...once, kappaHigh: 0.815 });
  common.expectCombined(keeps, { used: 4, high: 1, mean: 20 });
  const drops = await common.onePixel(backend, stem, samples, { ...once, kappaHigh: 0.8 });
  common.expectCombined(drops, { used: 3, high: 2 });
}

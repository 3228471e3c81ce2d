// Statements about stack-kappa-sigma that hold on every backend.
import type { ComputeBackend } from '../../../src/compute/backend.js';
import * as common from './stack.js';
import * as clipping from './stack-clipping.js';

const stem = 'stack-kappa-sigma';

export const checkFewEqualBlankAndHuge = (b: ComputeBackend) => common.fewEqualBlankAndHuge(b, stem);
export const checkCountsAddUp = (b: ComputeBackend) => common.countsAddUp(b, stem);
export const checkParityAtAllDepths = (b: ComputeBackend) => common.parityAtAllDepths(b, stem);
export const checkPlantedOutliersGo = (b: ComputeBackend) => clipping.plantedOutliersGo(b, stem);
export const checkSidesAreSeparate = (b: ComputeBackend) => clipping.sidesAreSeparate(b, stem);
export const checkSurvivorsAreCombinedWithTheirWeights = (b: ComputeBackend) =>
  clipping.survivorsAreCombinedWithTheirWeights(b, stem);
export const checkSomeAlwaysSurvive = (b: ComputeBackend) => clipping.someAlwaysSurvive(b, stem);
export const checkNoiseLosesItsTailsOnly = (b: ComputeBackend) => clipping.noiseLosesItsTailsOnly(b, stem);

/**
 * 8 9 10 10 10 11 12 20 100 about the median 10 with kappa 2: sigma 29.9 rejects 100; then 3.73 rejects 20; then 1.29 nothing. Sigma is
 * that of n - 1, about the mean.
 */
export async function checkIterationsByHand(backend: ComputeBackend): Promise<void> {
  const samples = [10, 100, 8, 11, 10, 20, 12, 9, 10];
  const kappa = { kappaLow: 2, kappaHigh: 2 };
  const once = await common.onePixel(backend, stem, samples, { ...kappa, maxIterations: 1 });
  common.expectCombined(once, { used: 8, low: 0, high: 1, mean: 11.25 });
  const settled = await common.onePixel(backend, stem, samples, { ...kappa, maxIterations: 5 });
  common.expectCombined(settled, { used: 7, low: 0, high: 2, mean: 10 });
}

/** 9 10 10 11 100: 100 lies 90 / 40.25 = 2.236 sigma of n - 1 above the median, 2.5 sigma of n. */
export async function checkSigmaIsThatOfASample(backend: ComputeBackend): Promise<void> {
  const samples = [9, 10, 100, 11, 10];
  const keeps = await common.onePixel(backend, stem, samples, { kappaLow: 9, kappaHigh: 2.3 });
  common.expectCombined(keeps, { used: 5, high: 0, mean: 28 });
  const drops = await common.onePixel(backend, stem, samples, { kappaLow: 9, kappaHigh: 2.2 });
  common.expectCombined(drops, { used: 4, high: 1, mean: 10 });
}

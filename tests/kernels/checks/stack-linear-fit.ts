// Statements about stack-linear-fit that hold on every backend.
import type { ComputeBackend } from '../../../src/compute/backend.js';
import * as common from './stack.js';
import * as oracles from './stack-oracles.js';

const stem = 'stack-linear-fit';

export const checkFewEqualBlankAndHuge = (b: ComputeBackend) => common.fewEqualBlankAndHuge(b, stem);
export const checkCountsAddUp = (b: ComputeBackend) => common.countsAddUp(b, stem);
export const checkParityAtAllDepths = (b: ComputeBackend) => common.parityAtAllDepths(b, stem);
export const checkParityOfEqualSamples = (b: ComputeBackend) => common.parityOfEqualSamples(b, stem);
export const checkOracle = (b: ComputeBackend) => oracles.agreesWithTheOracle(b, stem);

/**
 * 0 1 2 3 4 5 6 7 8 9 60: the line of least squares is -6.8182 + 3.2727 k with residuals 6.8182 (0) 4.5455 .. -13.6364 (9) 34.0909 (60), their mean size
 * 8.6777: 60 lies 3.929 of it above. 9 lies 1.571 below, but does not go before 0.
 */
export async function checkLineByHand(backend: ComputeBackend): Promise<void> {
  const samples = [60, 3, 7, 0, 9, 5, 1, 8, 2, 6, 4];
  const once = { maxIterations: 1, kappaLow: 1 };
  const keeps = await common.onePixel(backend, stem, samples, { ...once, kappaHigh: 3.95 });
  common.expectCombined(keeps, { used: 11, low: 0, high: 0 });
  const drops = await common.onePixel(backend, stem, samples, { ...once, kappaHigh: 3.9 });
  common.expectCombined(drops, { used: 10, low: 0, high: 1, mean: 4.5 });
}

/** What is left lies on a line to the last digit: rounding is no scatter, and nothing more goes however small the kappas. */
export async function checkALineLosesNothing(backend: ComputeBackend): Promise<void> {
  const samples = Array.from({ length: 20 }, (_, k) => 1000 + 0.7 * ((k * 7) % 20));
  const found = await common.onePixel(backend, stem, samples, { kappaLow: 0.01, kappaHigh: 0.01 });
  common.expectCombined(found, { used: 20, low: 0, high: 0, mean: 1006.65 });
}

/** Each side has its own kappa, and clipping goes on until nothing more goes. */
export async function checkSidesAndRounds(backend: ComputeBackend): Promise<void> {
  const quiet = Array.from({ length: 24 }, (_, k) => 1000 + ((k * 11) % 24) + 0.3 * Math.sin(5 * k));
  const samples = [...quiet, 1900, 1200, 300];
  const kappa = { kappaLow: 4, kappaHigh: 4 };
  const both = await common.onePixel(backend, stem, samples, kappa);
  common.expectCombined(both, { used: 24, low: 1, high: 2 });
  const once = await common.onePixel(backend, stem, samples, { ...kappa, maxIterations: 1 });
  common.expectCombined(once, { low: 1, high: 1 });
  const high = await common.onePixel(backend, stem, samples, { ...kappa, kappaLow: 1e6 });
  common.expectCombined(high, { low: 0, high: 1 });
}

/** However small the kappas: the residuals of a fitted line change their sign twice, so some lie on the near side of either end. */
export async function checkSomeAlwaysSurvive(backend: ComputeBackend): Promise<void> {
  const tiny = { kappaLow: 0.01, kappaHigh: 0.01 };
  const samples = [10, 4, 1, 3, -8];
  const once = await common.onePixel(backend, stem, samples, { ...tiny, maxIterations: 1 });
  common.expectCombined(once, { used: 3, low: 1, high: 1, mean: 8 / 3 });
  const settled = await common.onePixel(backend, stem, samples, tiny);
  common.expectCombined(settled, { used: 2, low: 2, high: 1, mean: 3.5 });
  const never = await common.onePixel(backend, stem, samples, { ...tiny, maxIterations: 0 });
  common.expectCombined(never, { used: 5 });
}

// Statements about stack-percentile that hold on every backend.
import type { ComputeBackend } from '../../../src/compute/backend.js';
import * as common from './stack.js';
import * as clipping from './stack-clipping.js';
import * as oracles from './stack-oracles.js';

const stem = 'stack-percentile';

export const checkFewEqualBlankAndHuge = (b: ComputeBackend) => common.fewEqualBlankAndHuge(b, stem);
export const checkCountsAddUp = (b: ComputeBackend) => common.countsAddUp(b, stem);
export const checkParityAtAllDepths = (b: ComputeBackend) => common.parityAtAllDepths(b, stem);
export const checkParityOfEqualSamples = (b: ComputeBackend) => common.parityOfEqualSamples(b, stem);
export const checkOracle = (b: ComputeBackend) => oracles.agreesWithTheOracle(b, stem);
export const checkSurvivorsAreCombinedWithTheirWeights = (b: ComputeBackend) =>
  clipping.survivorsAreCombinedWithTheirWeights(b, stem);

export async function checkSharesOfTheMedianByHand(backend: ComputeBackend): Promise<void> {
  const samples = [100, 79, 115, 100, 81, 100, 111];
  const shares = { kappaLow: 0.2, kappaHigh: 0.12 };
  const found = await common.onePixel(backend, stem, samples, shares);
  common.expectCombined(found, { used: 5, low: 1, high: 1, mean: 98.4 });
}

/** Below 0 too, the share is one of the size of the median; of the median 0 there is none. */
export async function checkLevelsAtAndBelowZero(backend: ComputeBackend): Promise<void> {
  const shares = { kappaLow: 0.3, kappaHigh: 0.1 };
  const below = await common.onePixel(backend, stem, [-100, -129, -85, -100, -95], shares);
  common.expectCombined(below, { used: 4, low: 0, high: 1, mean: -106 });
  const zero = await common.onePixel(backend, stem, [-10, 0, 20, 0, -10], shares);
  common.expectCombined(zero, { used: 5, mean: 0 });
}

/** As often as asked for: 100 goes about 60 (of the first three and 100), then 75 about 50. */
export async function checkRepeatsAsOftenAsAsked(backend: ComputeBackend): Promise<void> {
  const samples = [49, 50, 70, 100];
  const shares = { kappaLow: 9, kappaHigh: 0.35 };
  const once = await common.onePixel(backend, stem, samples, { ...shares, maxIterations: 1 });
  common.expectCombined(once, { used: 3, high: 1 });
  const again = await common.onePixel(backend, stem, samples, { ...shares, maxIterations: 2 });
  common.expectCombined(again, { used: 2, high: 2, mean: 49.5 });
}

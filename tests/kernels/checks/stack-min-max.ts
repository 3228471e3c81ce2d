// Statements about stack-min-max that hold on every backend.
import type { ComputeBackend } from '../../../src/compute/backend.js';
import * as common from './stack.js';
import * as oracles from './stack-oracles.js';

const stem = 'stack-min-max';

export const checkFewEqualBlankAndHuge = (b: ComputeBackend) => common.fewEqualBlankAndHuge(b, stem);
export const checkCountsAddUp = (b: ComputeBackend) => common.countsAddUp(b, stem);
export const checkParityAtAllDepths = (b: ComputeBackend) => common.parityAtAllDepths(b, stem);
export const checkParityOfEqualSamples = (b: ComputeBackend) => common.parityOfEqualSamples(b, stem);
export const checkOracle = (b: ComputeBackend) => oracles.agreesWithTheOracle(b, stem);

export async function checkCountsByHand(backend: ComputeBackend): Promise<void> {
  const samples = [5, 1, 9, 3, 7, 2];
  const one = await common.onePixel(backend, stem, samples, { dropLow: 1, dropHigh: 2 });
  common.expectCombined(one, { used: 3, low: 1, high: 2, mean: 10 / 3 });
  const median = await common.onePixel(backend, stem, samples, { dropLow: 2, dropHigh: 0, combine: 1 });
  common.expectCombined(median, { used: 4, low: 2, high: 0, mean: 6 });
}

/** Nothing goes where all would, and equal samples go together or stay. */
export async function checkTooFewAndEqual(backend: ComputeBackend): Promise<void> {
  const few = await common.onePixel(backend, stem, [1, 2, 3], { dropLow: 1, dropHigh: 2 });
  common.expectCombined(few, { used: 3, low: 0, high: 0, mean: 2 });
  const enough = await common.onePixel(backend, stem, [1, 2, 3, 9], { dropLow: 1, dropHigh: 2 });
  common.expectCombined(enough, { used: 1, low: 1, high: 2, mean: 2 });
  const equal = await common.onePixel(backend, stem, [4, 4, 6, 9, 9, 9], { dropLow: 1, dropHigh: 3 });
  common.expectCombined(equal, { used: 3, low: 0, high: 3, mean: 14 / 3 });
}

// Statements about stack-mad that hold on every backend.
import type { ComputeBackend } from '../../../src/compute/backend.js';
import * as common from './stack.js';
import * as clipping from './stack-clipping.js';
import * as oracles from './stack-oracles.js';

const stem = 'stack-mad';

export const checkFewEqualBlankAndHuge = (b: ComputeBackend) => common.fewEqualBlankAndHuge(b, stem);
export const checkCountsAddUp = (b: ComputeBackend) => common.countsAddUp(b, stem);
export const checkParityAtAllDepths = (b: ComputeBackend) => common.parityAtAllDepths(b, stem);
export const checkParityOfEqualSamples = (b: ComputeBackend) => common.parityOfEqualSamples(b, stem);
export const checkOracle = (b: ComputeBackend) => oracles.agreesWithTheOracle(b, stem);
export const checkPlantedOutliersGo = (b: ComputeBackend) => clipping.plantedOutliersGo(b, stem);
export const checkSidesAreSeparate = (b: ComputeBackend) => clipping.sidesAreSeparate(b, stem);
export const checkSurvivorsAreCombinedWithTheirWeights = (b: ComputeBackend) =>
  clipping.survivorsAreCombinedWithTheirWeights(b, stem);
export const checkSomeAlwaysSurvive = (b: ComputeBackend) => clipping.someAlwaysSurvive(b, stem);

/** 10 11 13 17 90 95: median 15, distances 2 2 4 5 75 80, so sigma = 1.4826 * 4.5 = 6.67; two outliers of six hide from no median. 10 lies 0.749 sigma below. */
export async function checkSigmaOfAnEvenCountByHand(backend: ComputeBackend): Promise<void> {
  const samples = [90, 13, 10, 95, 17, 11];
  const once = { maxIterations: 1, kappaHigh: 3 };
  const keeps = await common.onePixel(backend, stem, samples, { ...once, kappaLow: 0.755 });
  common.expectCombined(keeps, { used: 4, low: 0, high: 2, mean: 12.75 });
  const drops = await common.onePixel(backend, stem, samples, { ...once, kappaLow: 0.745 });
  common.expectCombined(drops, { used: 3, low: 1, high: 2 });
}

/** Where more than half are equal there is no scatter to measure by. */
export async function checkEqualHalfRejectsNothing(backend: ComputeBackend): Promise<void> {
  common.expectCombined(await common.onePixel(backend, stem, [5, 5, 5, 90, 5]), { used: 5, mean: 22 });
}

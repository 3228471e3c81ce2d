// Statements about stack-esd that hold on every backend.
import type { ComputeBackend } from '../../../src/compute/backend.js';
import * as common from './stack.js';
import * as oracles from './stack-oracles.js';

const stem = 'stack-esd';

export const checkFewEqualBlankAndHuge = (b: ComputeBackend) => common.fewEqualBlankAndHuge(b, stem);
export const checkCountsAddUp = (b: ComputeBackend) => common.countsAddUp(b, stem);
export const checkParityAtAllDepths = (b: ComputeBackend) => common.parityAtAllDepths(b, stem);
export const checkParityOfEqualSamples = (b: ComputeBackend) => common.parityOfEqualSamples(b, stem);
export const checkOracle = (b: ComputeBackend) => oracles.agreesWithTheOracle(b, stem);

/** The example of Rosner (1983) and the NIST handbook (1.3.5.17.3): at 5 %, up to 10 of 54 looked for, three are outliers. */
export async function checkRosnersExample(backend: ComputeBackend): Promise<void> {
  const samples = [
    ...[
      -0.25, 0.68, 0.94, 1.15, 1.2, 1.26, 1.26, 1.34, 1.38, 1.43, 1.49, 1.49, 1.55, 1.56, 1.58, 1.65, 1.69,
      1.7,
    ],
    ...[
      1.76, 1.77, 1.81, 1.91, 1.94, 1.96, 1.99, 2.06, 2.09, 2.1, 2.14, 2.15, 2.23, 2.24, 2.26, 2.35, 2.37,
      2.4,
    ],
    ...[
      2.47, 2.54, 2.62, 2.64, 2.9, 2.92, 2.92, 2.93, 3.21, 3.26, 3.3, 3.59, 3.68, 4.3, 4.64, 5.34, 5.42, 6.01,
    ],
  ];
  const found = await common.onePixel(backend, stem, samples, { mostPerMille: 190 });
  common.expectCombined(found, { used: 51, low: 0, high: 3 });
  // The third alone is beyond its limit, so two may not be looked for alone.
  const two = await common.onePixel(backend, stem, samples, { mostPerMille: 40 });
  common.expectCombined(two, { used: 54, low: 0, high: 0 });
}

/** Two equal outliers of ten hide each other from one test, not from two; both sides are looked at. */
export async function checkOutliersDoNotHideEachOther(backend: ComputeBackend): Promise<void> {
  const quiet = [10, 11, 9, 10.5, 9.5, 10.2, 9.8, 10.4];
  const found = await common.onePixel(backend, stem, [...quiet, 500, 500]);
  common.expectCombined(found, { used: 8, low: 0, high: 2, mean: 10.05 });
  const sides = await common.onePixel(backend, stem, [...quiet, 500, -400]);
  common.expectCombined(sides, { used: 8, low: 1, high: 1, mean: 10.05 });
}

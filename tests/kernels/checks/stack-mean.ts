// Statements about stack-mean that hold on every backend.
import type { ComputeBackend } from '../../../src/compute/backend.js';
import { BLANK_VALUE } from '../../../src/compute/constants.js';
import { expectClose } from '../../helpers/expect-arrays.js';
import * as common from './stack.js';

const stem = 'stack-mean';

export const checkFewEqualBlankAndHuge = (b: ComputeBackend) => common.fewEqualBlankAndHuge(b, stem);
export const checkCountsAddUp = (b: ComputeBackend) => common.countsAddUp(b, stem);
export const checkParityAtAllDepths = (b: ComputeBackend) => common.parityAtAllDepths(b, stem);

export async function checkWeightedMeanOfTheValid(backend: ComputeBackend): Promise<void> {
  const samples = [10, BLANK_VALUE, 20, 40];
  const found = await common.onePixel(backend, stem, samples, {}, [1, 5, 2, 1]);
  common.expectCombined(found, { mean: 22.5, used: 3, low: 0, high: 0, weight: 4 });
}

/** Two planes, two pixels, three slots with a weight of their own each: nothing is read from a neighbour. */
export async function checkLayoutOfCubeAndWeights(backend: ComputeBackend): Promise<void> {
  const cube = Float32Array.of(1, 2, 10, 20, 3, 4, 30, 40, 5, 6, 50, 60);
  const weights = Float32Array.of(1, 1, 2, 1, 1, 2);
  const s = await common.stackOf(backend, stem, cube, weights, { pixels: 2, planes: 2 });
  expectClose(s.mean, [3, 4, 35, 45], { relative: 1e-6 });
  expectClose(s.weight, [4, 4, 4, 4], { relative: 0 });
}

// Statements about stack-median that hold on every backend.
import type { ComputeBackend } from '../../../src/compute/backend.js';
import { BLANK_VALUE } from '../../../src/compute/constants.js';
import * as common from './stack.js';

const stem = 'stack-median';

export const checkFewEqualBlankAndHuge = (b: ComputeBackend) => common.fewEqualBlankAndHuge(b, stem);
export const checkCountsAddUp = (b: ComputeBackend) => common.countsAddUp(b, stem);
export const checkParityAtAllDepths = (b: ComputeBackend) => common.parityAtAllDepths(b, stem);
/** Samples of more slots than a thread sorts, by all lengths of the sort that threads share. */
export const checkEveryLength = (b: ComputeBackend) =>
  common.parityAtAllDepths(b, stem, [129, 256, 257, 512, 513]);

export async function checkOddAndEvenCounts(backend: ComputeBackend): Promise<void> {
  const odd = await common.onePixel(backend, stem, [9, 1e6, 3, -1e6, 5]);
  common.expectCombined(odd, { mean: 5, used: 5, low: 0, high: 0, weight: 5 });
  const even = await common.onePixel(backend, stem, [9, 1, BLANK_VALUE, 4, 6], {}, [1, 2, 3, 4, 5]);
  common.expectCombined(even, { mean: 5, used: 4, weight: 12 });
}

/** Every order of the samples gives the same median. */
export async function checkOrderDoesNotMatter(backend: ComputeBackend): Promise<void> {
  const samples = Array.from({ length: 50 }, (_, k) => ((k * 23) % 50) + 0.5);
  for (const order of [samples, [...samples].reverse(), [...samples].sort((a, b) => a - b)]) {
    common.expectCombined(await common.onePixel(backend, stem, order), { mean: 25, used: 50 });
  }
}

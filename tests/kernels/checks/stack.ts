// What all stack kernels promise, on every backend, and runs of one pixel that their hand-computed cases share.
import { expect } from 'vitest';
import type { ComputeBackend } from '../../../src/compute/backend.js';
import type { KernelStem } from '../../../src/compute/contracts/index.js';
import { esdCritical } from '../../../src/compute/esd-critical.js';
import { BLANK_LIMIT, BLANK_VALUE } from '../../../src/compute/constants.js';
import { createReferenceBackend } from '../../../src/cpu-fallback/reference-backend.js';
import { expectClose } from '../../helpers/expect-arrays.js';
import { runKernel, seededNormal, seededRandom } from '../../helpers/kernel-runs.js';

export type StackStem = Extract<KernelStem, `stack-${string}`>;

export interface Stack {
  readonly mean: Float32Array;
  readonly weight: Float32Array;
  readonly used: Uint32Array;
  readonly rejected_low: Uint32Array;
  readonly rejected_high: Uint32Array;
}

export const MILD = { kappaLow: 2.7, kappaHigh: 2.4, maxIterations: 5, combine: 0 };

/** Float32 means of up to 100 samples about a common level. */
const MEAN = 2e-6;

/** What every stack is asked for unless a check says otherwise; each takes what its contract knows. */
const SETTINGS: Readonly<Record<StackStem, Readonly<Record<string, number>>>> = {
  'stack-mean': {},
  'stack-median': {},
  'stack-kappa-sigma': MILD,
  'stack-winsorised': MILD,
  'stack-linear-fit': MILD,
  'stack-mad': MILD,
  'stack-esd': { mostPerMille: 300, combine: 0 },
  'stack-percentile': { kappaLow: 0.1, kappaHigh: 0.15, maxIterations: 1, combine: 0 },
  'stack-min-max': { dropLow: 1, dropHigh: 2, combine: 0 },
};

export const combines = (stem: StackStem): boolean => 'combine' in SETTINGS[stem];

export async function stackOf(
  backend: ComputeBackend,
  stem: StackStem,
  cube: Float32Array,
  weights: Float32Array,
  shape: { pixels: number; planes: number },
  settings: Readonly<Record<string, number>> = {},
): Promise<Stack> {
  const slots = weights.length / shape.planes;
  const given = Object.entries(settings).filter(([name]) => name in SETTINGS[stem]);
  const params = { ...shape, slots, ...SETTINGS[stem], ...Object.fromEntries(given) };
  const inputs: Record<string, Float32Array> = { cube, frame_weights: weights };
  if (stem === 'stack-esd') inputs.critical = esdCritical(slots, 0.05);
  return (await runKernel(backend, stem, params, inputs)) as unknown as Stack;
}

export interface Combined {
  readonly mean: number;
  readonly used: number;
  readonly low: number;
  readonly high: number;
  readonly weight: number;
}

/** The stack of one pixel, weights 1 unless given. */
export async function onePixel(
  backend: ComputeBackend,
  stem: StackStem,
  samples: readonly number[],
  settings: Readonly<Record<string, number>> = {},
  weights: readonly number[] = samples.map(() => 1),
): Promise<Combined> {
  const shape = { pixels: 1, planes: 1 };
  const cube = Float32Array.from(samples);
  const s = await stackOf(backend, stem, cube, Float32Array.from(weights), shape, settings);
  return {
    mean: s.mean[0],
    used: s.used[0],
    low: s.rejected_low[0],
    high: s.rejected_high[0],
    weight: s.weight[0],
  };
}

export function expectCombined(actual: Combined, expected: Partial<Combined>): void {
  const { mean, weight, ...counts } = expected;
  expect(actual).toMatchObject(counts);
  if (mean !== undefined) expectClose([actual.mean], [mean], { relative: 1e-6 });
  if (weight !== undefined) expectClose([actual.weight], [weight], { relative: 1e-6 });
}

export async function fewEqualBlankAndHuge(backend: ComputeBackend, stem: StackStem): Promise<void> {
  const B = BLANK_VALUE;
  const none = { mean: B, used: 0, low: 0, high: 0, weight: 0 };
  expectCombined(await onePixel(backend, stem, [B]), none);
  expectCombined(await onePixel(backend, stem, [B, B, B, B]), none);
  const one = { mean: -7.5, used: 1, low: 0, high: 0, weight: 3 };
  expectCombined(await onePixel(backend, stem, [B, -7.5, B], {}, [2, 3, 4]), one);
  // Two samples are never rejected, however far apart.
  const two = { used: 2, low: 0, high: 0, mean: 5000.5 };
  expectCombined(await onePixel(backend, stem, [1, 10000], { kappaLow: 0.1, kappaHigh: 0.1 }), two);
  const equal = { mean: 1234.567, used: 7, low: 0, high: 0, weight: 7 };
  expectCombined(await onePixel(backend, stem, new Array<number>(7).fill(1234.567)), equal);
  const drops = { dropLow: 0, dropHigh: 0 };
  const huge = { mean: 1.02e15, used: 5, low: 0, high: 0 };
  expectCombined(await onePixel(backend, stem, [1.02e15, 1.01e15, 1.03e15, 1.0e15, 1.04e15], drops), huge);
}

/** Random levels, a multiple of `step`, blanks, outliers on both sides, weights per plane; odd number of pixels. */
function randomStack(slots: number, seed: number, step = 0) {
  // Of many slots fewer: every level of a pixel may cost a pass over all samples.
  const [pixels, planes] = [slots >= 1000 && step === 0 ? 5 : 67, 2];
  const [random, normal] = [seededRandom(seed), seededNormal(seed + 1)];
  const cube = Float32Array.from({ length: slots * planes * pixels }, () => {
    const kind = random();
    if (kind < 0.08) return BLANK_VALUE;
    const level = 1000 + 20 * normal() + (kind > 0.96 ? 500 : kind > 0.93 ? -400 : 0);
    return step > 0 ? step * Math.round(level / step) : level;
  });
  const weights = Float32Array.from({ length: slots * planes }, () => 0.25 + 2 * random());
  return { cube, weights, shape: { pixels, planes } };
}

export async function countsAddUp(backend: ComputeBackend, stem: StackStem): Promise<void> {
  const { cube, weights, shape } = randomStack(12, 5);
  const s = await stackOf(backend, stem, cube, weights, shape);
  const perPixel = shape.pixels * shape.planes;
  const valid = new Uint32Array(perPixel);
  cube.forEach((v, k) => (valid[k % perPixel] += v > BLANK_LIMIT ? 1 : 0));
  const sum = valid.map((_, k) => s.used[k] + s.rejected_low[k] + s.rejected_high[k]);
  expect(sum).toEqual(valid);
  expect(Math.min(...s.used)).toBeGreaterThan(0);
}

/**
 * Small variants of a shader full and with one slot more than the variant below holds, both sides of every sort, the least and the greatest whose threads
 * share pixels, and what is beyond all of them: those between have the same text, and SwiftShader takes seconds for each (`checkEveryLength` of medians).
 */
export const DEPTHS = [1, 2, 3, 5, 8, 9, 16, 17, 31, 32, 33, 64, 1025, 65, 128, 1000];

/**
 * The backend against the reference: the same decisions (the share that may differ, 1e-5 of these samples, is none), means of the
 * same survivors within float32.
 */
export async function parityAtAllDepths(
  backend: ComputeBackend,
  stem: StackStem,
  depths: readonly number[] = DEPTHS,
): Promise<void> {
  for (const slots of depths) {
    for (const combine of combines(stem) ? [0, 1] : [0]) {
      await expectParity(backend, stem, randomStack(slots, 1000 + slots), { combine });
    }
  }
}

export const DEPTHS_OF_EQUAL = [5, 16, 33, 100, 1100];

/** The same of samples that are often equal, as those of few bits are: they share their fate. */
export async function parityOfEqualSamples(
  backend: ComputeBackend,
  stem: StackStem,
  depths: readonly number[] = DEPTHS_OF_EQUAL,
): Promise<void> {
  for (const slots of depths) await expectParity(backend, stem, randomStack(slots, slots, 15));
}

async function expectParity(
  backend: ComputeBackend,
  stem: StackStem,
  { cube, weights, shape }: ReturnType<typeof randomStack>,
  settings: Readonly<Record<string, number>> = {},
): Promise<void> {
  const actual = await stackOf(backend, stem, cube, weights, shape, settings);
  const expected = await stackOf(createReferenceBackend(), stem, cube, weights, shape, settings);
  expect(actual.used).toEqual(expected.used);
  expect(actual.rejected_low).toEqual(expected.rejected_low);
  expect(actual.rejected_high).toEqual(expected.rejected_high);
  expectClose(actual.mean, expected.mean, { relative: MEAN });
  expectClose(actual.weight, expected.weight, { relative: MEAN });
}

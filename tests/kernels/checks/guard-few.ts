// Statements about guard-few that hold on every backend.
import { expect } from 'vitest';
import type { ComputeBackend } from '../../../src/compute/backend.js';
import { BLANK_VALUE } from '../../../src/compute/constants.js';
import { createReferenceBackend } from '../../../src/cpu-fallback/reference-backend.js';
import { expectClose } from '../../helpers/expect-arrays.js';
import { paint, runKernel, seededNormal, seededRandom } from '../../helpers/kernel-runs.js';

interface Guarded {
  readonly width: number;
  readonly height: number;
  readonly planes?: number;
  /** Samples `[planes, height, width]` of the slot that is moved. */
  readonly samples: Float32Array;
  readonly median?: Float32Array;
  readonly used?: number | Uint32Array;
  readonly low?: number;
  readonly kappa?: readonly [number, number];
  readonly slope?: number;
  /** As `slope` unless told. */
  readonly pairSlope?: number;
}

/** What slot 0 holds after slot 1 was moved there; inverse variances of 1, of 100 for the pixel, medians of 500 unless told. */
async function guarded(backend: ComputeBackend, g: Guarded) {
  const planes = g.planes ?? 1;
  const size = planes * g.width * g.height;
  const cube = new Float32Array(2 * size).fill(-1);
  cube.set(g.samples, size);
  const [kappaLow, kappaHigh] = g.kappa ?? [3, 3];
  const result = await runKernel(
    backend,
    'guard-few',
    {
      width: g.width,
      height: g.height,
      planes,
      slots: 2,
      slot: 0,
      maxSamples: 16,
      kappaLow,
      kappaHigh,
      slope: g.slope ?? 1,
      pairSlope: g.pairSlope ?? g.slope ?? 1,
    },
    {
      cube,
      frame_weights: new Float32Array(planes).fill(1),
      median: g.median ?? new Float32Array(size).fill(500),
      weight: new Float32Array(size).fill(100),
      used: g.used instanceof Uint32Array ? g.used : new Uint32Array(size).fill(g.used ?? 5),
      rejected_low: new Uint32Array(size).fill(g.low ?? 0),
      rejected_high: new Uint32Array(size),
    },
  );
  return {
    moved: (result.cube as Float32Array).subarray(0, size),
    low: result.rejected_low as Uint32Array,
    high: result.rejected_high as Uint32Array,
    size,
  };
}

const flat = (width: number, height: number, planted: Record<string, number>) =>
  paint(width, height, (x, y) => planted[`${x},${y}`] ?? 500);

export async function checkWhatStandsAloneGoesOnItsSide(backend: ComputeBackend): Promise<void> {
  // Limits: 3 sqrt(1 + 1.6 / 100) = 3.024 above, twice that below.
  const samples = flat(9, 7, { '2,2': 503.1, '5,2': 502.9, '2,5': 493.8, '5,5': 494.2, '8,6': BLANK_VALUE });
  const { moved, low, high } = await guarded(backend, { width: 9, height: 7, samples, kappa: [6, 3] });
  const expected = samples.slice();
  expected[2 * 9 + 2] = BLANK_VALUE;
  expected[5 * 9 + 2] = BLANK_VALUE;
  expectClose(moved, expected, { relative: 0 });
  expect([...low].flatMap((n, i) => (n ? [[i, n]] : []))).toEqual([[47, 1]]);
  expect([...high].flatMap((n, i) => (n ? [[i, n]] : []))).toEqual([[20, 1]]);
}

export async function checkOnlyFewFramesAreGuarded(backend: ComputeBackend): Promise<void> {
  const samples = new Float32Array(24).fill(600);
  const used = Uint32Array.from({ length: 24 }, (_, k) => k);
  const { high } = await guarded(backend, { width: 24, height: 1, samples, used });
  expect([...high]).toEqual(Array.from({ length: 24 }, (_, n) => (n >= 2 && n <= 16 ? 1 : 0)));
}

export async function checkHalfOfTheSamplesStay(backend: ComputeBackend): Promise<void> {
  // One is gone: of five another may go, of four none.
  const samples = new Float32Array(2).fill(600);
  const used = Uint32Array.of(5, 4);
  const { high, low } = await guarded(backend, { width: 2, height: 1, samples, used, low: 1 });
  expect([...high]).toEqual([1, 0]);
  expect([...low]).toEqual([1, 1]);
}

/** Two samples as a pixel has them: what the guard sees of them is the one of its slot and the mean. */
function pair(width: number, height: number, own: (x: number, y: number) => number, other: typeof own) {
  const samples = paint(width, height, own);
  const median = paint(width, height, (x, y) => (own(x, y) + other(x, y)) / 2);
  return { width, height, samples, median, used: 2 };
}

/** Of two the one goes that is off by more than their noise, where the other is even: inverse variances of 1 and 99, limit 2 * 3 sqrt(1 + 1 / 99) = 6.03. */
export async function checkTheUnevenOfTwoGoes(backend: ComputeBackend): Promise<void> {
  const sky = () => 500;
  const planted = (x: number, y: number) =>
    500 + (y === 2 ? (({ 2: 6.1, 5: 5.9, 8: -14 } as Record<number, number>)[x] ?? 0) : 0);
  const { moved, low, high } = await guarded(backend, pair(11, 5, planted, sky));
  expect([...high].flatMap((n, i) => (n ? [i] : []))).toEqual([2 * 11 + 2]);
  expect(moved[2 * 11 + 2]).toBe(BLANK_VALUE);
  expect([...low].flatMap((n, i) => (n ? [i] : []))).toEqual([2 * 11 + 8]);
  // judged in the slot that they did not hit, neither it nor the hole of the other goes
  const other = await guarded(backend, {
    ...pair(11, 5, sky, (x, y) => 500 + 20 * (planted(x, y) - 500)),
    slope: 2.5,
  });
  expect([...other.low, ...other.high].some((n) => n > 0)).toBe(false);
  // the rims of what covers several pixels go with it
  const ray = (x: number, y: number) => (x >= 4 && x <= 6 && y >= 1 && y <= 3 ? (y === 2 ? 30 : 4) : 0);
  const hit = await guarded(
    backend,
    pair(11, 5, (x, y) => 500 + ray(x, y), sky),
  );
  expect([...hit.high]).toEqual([...paint(11, 5, (x, y) => (ray(x, y) > 0 ? 1 : 0))]);
}

/** Stars are sharper in one of two frames, or lie half a pixel off: where the fainter sample is steep the brighter one stays. A ray beside them goes. */
export async function checkStarsOfTwoAreSpared(backend: ComputeBackend): Promise<void> {
  const star = (x0: number, width: number) => (x: number, y: number) =>
    500 + (4000 / width) * Math.exp(-((x - x0) ** 2 + (y - 7) ** 2) / (4 * width));
  const taken = async (own: (x: number, y: number) => number, other: typeof own) => {
    const { high } = await guarded(backend, { ...pair(17, 15, own, other), slope: 2.5 });
    return high.reduce((a, b) => a + b, 0);
  };
  expect(await taken(star(8, 1), star(8, 1.2))).toBe(0);
  expect(await taken(star(8.5, 1), star(8, 1))).toBe(0);
  expect(await taken(star(8, 1), star(8.5, 1))).toBe(0);
  const hit = (x: number, y: number) => star(8, 1)(x, y) + (x === 2 && y === 7 ? 200 : 0);
  expect(await taken(hit, star(8, 1))).toBe(1);
  // the two slopes stand for themselves
  const slopes = { slope: 0, pairSlope: 2.5 };
  const sharp = await guarded(backend, { ...pair(17, 15, star(8, 1), star(8, 1.2)), ...slopes });
  expect(sharp.high.reduce((a, b) => a + b, 0)).toBe(0);
  const bold = await guarded(backend, {
    ...pair(17, 15, star(8, 1), star(8, 1.2)),
    ...{ slope: 2.5, pairSlope: 0 },
  });
  expect(bold.high.reduce((a, b) => a + b, 0)).toBeGreaterThan(5);
  const left = await guarded(backend, { ...pair(17, 15, star(8, 1), star(8, 1.2)), pairSlope: -1 });
  expect([...left.high, ...left.low].some((n) => n > 0)).toBe(false);
  // a hole of one frame, however wide, is no reason to leave out the other
  expect(
    await taken(
      () => 500,
      (x, y) => 500 - 200 * Math.exp(-((x - 8) ** 2 + (y - 7) ** 2) / 2),
    ),
  ).toBe(0);
}

/** Where the median is steep a frame may differ by as much as it falls to the next pixel. */
export async function checkStarsAreSpared(backend: ComputeBackend): Promise<void> {
  const star = (x: number, y: number) => 500 + 400 * Math.exp(-((x - 8) ** 2 + (y - 7) ** 2) / 4);
  const median = paint(17, 15, star);
  const samples = paint(17, 15, (x, y) => 500 + 1.15 * (star(x, y) - 500));
  const { high } = await guarded(backend, { width: 17, height: 15, samples, median });
  expect(high.reduce((a, b) => a + b, 0)).toBe(0);
  const sharp = await guarded(backend, { width: 17, height: 15, samples, median, slope: 0 });
  expect(sharp.high.reduce((a, b) => a + b, 0)).toBeGreaterThan(5);
}

/** Where the median is noisy its steps are no stars: an outlier there does not hide behind them. */
export async function checkNoiseIsNoStar(backend: ComputeBackend): Promise<void> {
  // Medians of variance 1.6 / 100: steps count from 2 * 0.1265 on.
  const stripes = (step: number) => paint(16, 8, (x) => 500 + (x % 2) * step);
  const over = (step: number) => stripes(step).map((m) => m + 3.2);
  const goes = async (step: number) => {
    const { high } = await guarded(backend, {
      width: 16,
      height: 8,
      samples: over(step),
      median: stripes(step),
      slope: 20,
    });
    return high.reduce((a, b) => a + b, 0);
  };
  expect(await goes(0.24)).toBe(16 * 8);
  expect(await goes(0.5)).toBe(0);
}

/** In a cell of two columns, too, the pixels at a corner of one are none of its direct neighbours: a star there spares no pair. */
export async function checkCornersAreNoDirectNeighboursOfTwoColumns(backend: ComputeBackend): Promise<void> {
  const samples = flat(2, 2, { '1,0': 510, '0,1': 560 });
  const median = flat(2, 2, { '1,0': 505, '0,1': 560 });
  const { high } = await guarded(backend, { width: 2, height: 2, samples, median, used: 2 });
  expect([...high]).toEqual([0, 1, 0, 0]);
}

/** A trail goes with its rims, which alone would be no outliers. */
export async function checkTrailsGoWithTheirRims(backend: ComputeBackend): Promise<void> {
  const profile = [0, 0, 0, 2, 8, 2, 0, 0, 0];
  const samples = paint(20, 9, (_, y) => 500 + profile[y]);
  const { moved, high } = await guarded(backend, { width: 20, height: 9, samples });
  for (let y = 0; y < 9; y++)
    for (let x = 0; x < 20; x++) expect(high[y * 20 + x]).toBe(profile[y] > 0 ? 1 : 0);
  expect(Math.max(...moved)).toBe(500);
  // As low a sample away from any trail stays.
  const alone = await guarded(backend, { width: 20, height: 9, samples: flat(20, 9, { '7,4': 502 }) });
  expect(alone.high.reduce((a, b) => a + b, 0)).toBe(0);
}

/** Neighbours count inside a block of 64 only: cells may end at any of them. */
export async function checkBlocksStandForThemselves(backend: ComputeBackend): Promise<void> {
  const samples = paint(130, 66, (x, y) => (x === 63 || y === 63 ? 508 : x === 64 || y === 64 ? 502 : 500));
  const whole = await guarded(backend, { width: 130, height: 66, samples });
  const part = await guarded(backend, {
    width: 66,
    height: 66,
    samples: paint(66, 66, (x, y) => samples[y * 130 + x + 64]),
  });
  for (let y = 0; y < 66; y++)
    for (let x = 0; x < 66; x++) expect(part.high[y * 66 + x]).toBe(whole.high[y * 130 + x + 64]);
  // The rim of the line at 63 lies in the next block, and stays.
  expect(whole.high[30 * 130 + 63]).toBe(1);
  expect(whole.high[30 * 130 + 64]).toBe(0);
}

export async function checkOnlyItsSlotMoves(backend: ComputeBackend): Promise<void> {
  const cube = Float32Array.from({ length: 4 * 2 * 6 }, (_, k) => k);
  const result = await runKernel(
    backend,
    'guard-few',
    {
      width: 3,
      height: 2,
      planes: 2,
      slots: 4,
      slot: 1,
      maxSamples: 9,
      kappaLow: 3,
      kappaHigh: 3,
      slope: 1,
      pairSlope: 1,
    },
    {
      cube,
      frame_weights: new Float32Array(6).fill(1e-6),
      median: new Float32Array(12).fill(30),
      weight: new Float32Array(12).fill(1),
      used: new Uint32Array(12).fill(5),
    },
  );
  const expected = cube.slice();
  expected.set(cube.subarray(24, 36), 12);
  expectClose(result.cube as Float32Array, expected, { relative: 0 });
}

export async function checkParityOnNoise(backend: ComputeBackend): Promise<void> {
  const random = seededRandom(12);
  const normal = seededNormal(13);
  const [width, height, planes] = [83, 71, 3];
  const samples = paint(width, height * planes, () => {
    const kind = random();
    return kind < 0.02 ? BLANK_VALUE : 500 + normal() * (kind > 0.97 ? 8 : 1);
  });
  const job = {
    width,
    height,
    planes,
    samples,
    median: paint(width, height * planes, () => (random() < 0.01 ? BLANK_VALUE : 500 + 0.4 * normal())),
    used: Uint32Array.from(samples, () => Math.floor(1 + 18 * random())),
    kappa: [2.5, 2] as const,
    slope: 0.4,
    pairSlope: 0.9,
  };
  const [actual, expected] = [await guarded(backend, job), await guarded(createReferenceBackend(), job)];
  expect(expected.high.reduce((a, b) => a + b, 0)).toBeGreaterThan(100);
  // A limit met to the last digits may fall either way.
  expectClose(actual.moved, expected.moved, { relative: 0, share: 1e-4 });
  expectClose(actual.high, expected.high, { relative: 0, share: 1e-4 });
  expectClose(actual.low, expected.low, { relative: 0, share: 1e-4 });
}

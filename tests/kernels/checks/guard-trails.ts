// Statements about guard-trails that hold on every backend.
import { expect } from 'vitest';
import type { ComputeBackend } from '../../../src/compute/backend.js';
import { BLANK_VALUE, BLOCK_SIZE } from '../../../src/compute/constants.js';
import { createReferenceBackend } from '../../../src/cpu-fallback/reference-backend.js';
import { paint, runKernel, seededNormal, seededRandom } from '../../helpers/kernel-runs.js';

interface Slot {
  readonly width: number;
  readonly height: number;
  readonly planes?: number;
  /** Samples `[planes, height, width]` of the slot. */
  readonly samples: Float32Array;
  readonly median?: Float32Array;
  readonly used?: number;
  readonly low?: number;
  readonly reach?: number;
  readonly slope?: number;
  readonly kappa?: number;
}

/** What becomes of slot 1 of 2; inverse variances of 1, of 100 for the pixel, medians of 500, seven samples unless told. Limits: 1.5 sqrt(1.016) = 1.512. */
async function guarded(backend: ComputeBackend, g: Slot) {
  const planes = g.planes ?? 1;
  const size = planes * g.width * g.height;
  const cube = new Float32Array(2 * size).fill(-1);
  cube.set(g.samples, size);
  const shape = { width: g.width, height: g.height, planes, slots: 2, slot: 1, frame: 2 };
  const result = await runKernel(
    backend,
    'guard-trails',
    { ...shape, kappa: g.kappa ?? 1.5, slope: g.slope ?? 1, reach: g.reach ?? 2 },
    {
      cube,
      frame_weights: Float32Array.from({ length: 3 * planes }, (_, k) => (k < 2 * planes ? 1e-6 : 1)),
      median: g.median ?? new Float32Array(size).fill(500),
      weight: new Float32Array(size).fill(100),
      used: new Uint32Array(size).fill(g.used ?? 7),
      rejected_low: new Uint32Array(size).fill(g.low ?? 0),
      rejected_high: new Uint32Array(size),
    },
  );
  const all = result.cube as Float32Array;
  expect(all.subarray(0, size).every((v) => v === -1)).toBe(true);
  return {
    slot: all.subarray(size),
    low: result.rejected_low as Uint32Array,
    high: result.rejected_high as Uint32Array,
  };
}

const gone = (slot: Float32Array) => slot.reduce((n, v) => n + (v === BLANK_VALUE ? 1 : 0), 0);

/** A trail of Gaussian profile through (x0, y0), `peak` above 500. */
function trail(width: number, height: number, x0: number, y0: number, degrees: number, peak: number) {
  const [s, c] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)];
  const distance = (x: number, y: number) => Math.abs((x - x0) * s - (y - y0) * c);
  const samples = paint(width, height, (x, y) => 500 + peak * Math.exp(-(distance(x, y) ** 2) / 3));
  return { samples, distance };
}

/** One block, a trail at any angle: all within two pixels of what stands out goes, nothing else. */
export async function checkTrailsOfAllAnglesGoWithTheirRims(backend: ComputeBackend): Promise<void> {
  const [width, height] = [BLOCK_SIZE, BLOCK_SIZE];
  for (const degrees of [0, 30, 68, 133]) {
    const { samples, distance } = trail(width, height, 31, 32, degrees, 40);
    const { slot, low, high } = await guarded(backend, { width, height, samples });
    let flux = 0;
    let left = 0;
    for (let i = 0; i < samples.length; i++) {
      const d = distance(i % width, Math.floor(i / width));
      if (d < 4) expect(slot[i], `${degrees} degrees, pixel ${i}`).toBe(BLANK_VALUE);
      if (d > 6.5) expect(slot[i], `${degrees} degrees, pixel ${i}`).toBe(samples[i]);
      flux += samples[i] - 500;
      if (slot[i] !== BLANK_VALUE) left += samples[i] - 500;
    }
    expect(left / flux).toBeLessThan(0.002);
    expect(high.reduce((a, b) => a + b, 0)).toBe(gone(slot));
    expect(Math.max(...low)).toBe(0);
  }
}

/** What stands out but is no line stays: a bright star, a short dash, a bank of cloud across the block or along its rim; a slope of the median. */
export async function checkWhatIsNoLineStays(backend: ComputeBackend): Promise<void> {
  const [width, height] = [44, 40];
  const star = paint(width, height, (x, y) => 500 + 900 * Math.exp(-((x - 20) ** 2 + (y - 20) ** 2) / 12));
  const dash = paint(width, height, (x, y) => (y === 9 && x >= 10 && x < 33 ? 550 : 500));
  const cloud = paint(width, height, (x, y) => (x + y > 28 && x + y < 56 ? 520 : 500));
  const rim = paint(width, height, (x) => (x < 14 ? 520 : 500));
  for (const samples of [star, dash, cloud, rim]) {
    const { slot } = await guarded(backend, { width, height, samples });
    expect(slot).toEqual(samples);
  }
  // A line along which the median itself is steep: a bright edge that lies elsewhere in this frame.
  const median = paint(width, height, (_, y) => (y < 20 ? 500 : 700));
  const shifted = median.map((m, i) => m + (Math.floor(i / width) === 19 ? 60 : 0));
  expect((await guarded(backend, { width, height, samples: shifted, median })).slot).toEqual(shifted);
  const bold = await guarded(backend, { width, height, samples: shifted, median, slope: 0 });
  expect(gone(bold.slot)).toBe(5 * width);
}

/** 24 of 33: of 24 in a row those are found with the window at their end, of 33 all. */
export async function checkCountsOfAWindow(backend: ComputeBackend): Promise<void> {
  const [width, height] = [60, 30];
  const line = (n: number) => paint(width, height, (x, y) => (y === 15 && x >= 11 && x < 11 + n ? 510 : 500));
  const short = line(23);
  expect((await guarded(backend, { width, height, samples: short, reach: 0 })).slot).toEqual(short);
  const enough = await guarded(backend, { width, height, samples: line(24), reach: 0 });
  expect(gone(enough.slot)).toBe(12);
  const whole = await guarded(backend, { width, height, samples: line(33), reach: 0 });
  expect(gone(whole.slot)).toBe(33);
  const reach = await guarded(backend, { width, height, samples: line(33), reach: 1 });
  expect(gone(reach.slot)).toBe(33 * 3 + 2);
}

/** 24 of a window, but of the half next to its last pixel only seven: it belongs to the trail as its first pixel does. */
export async function checkWindowThatIsFullAtItsFarEnd(backend: ComputeBackend): Promise<void> {
  const [width, height] = [33, 12];
  for (const turned of [false, true]) {
    const samples = paint(width, height, (at, y) => {
      const x = turned ? width - 1 - at : at;
      return y === 6 && (x < 16 || x > 24) ? 510 : 500;
    });
    const { slot } = await guarded(backend, { width, height, samples, reach: 0 });
    const expected = samples.slice();
    expected[6 * width] = expected[7 * width - 1] = BLANK_VALUE;
    expect(slot).toEqual(expected);
  }
}

/** Beside a line, at most ten of the 33 on either side. */
export async function checkNeighboursToTheSide(backend: ComputeBackend): Promise<void> {
  const [width, height] = [33, 40];
  const rows = (y: number, from: number, end: number) =>
    paint(width, height, (x, at) => (at === 20 || (at === y && x >= from && x < end) ? 510 : 500));
  for (const y of [12, 28]) {
    const ten = await guarded(backend, { width, height, samples: rows(y, 11, 21), reach: 0 });
    expect(gone(ten.slot)).toBe(33);
    const eleven = rows(y, 11, 22);
    expect((await guarded(backend, { width, height, samples: eleven, reach: 0 })).slot).toEqual(eleven);
  }
}

/** However many pixels of a block stand out, those of a line are looked at: below a bank of cloud over half of it. */
export async function checkLineBesideManyThatStandOut(backend: ComputeBackend): Promise<void> {
  const [width, height] = [BLOCK_SIZE, BLOCK_SIZE];
  const samples = paint(width, height, (_, y) => (y < BLOCK_SIZE / 2 || y === 51 ? 510 : 500));
  const { slot } = await guarded(backend, { width, height, samples, reach: 0 });
  const expected = samples.slice().fill(BLANK_VALUE, 51 * width, 52 * width);
  expect(slot).toEqual(expected);
}

/** Half of the samples stay, and pixels with fewer than three; what lies low beside a trail counts as low. */
export async function checkHalfOfTheSamplesStay(backend: ComputeBackend): Promise<void> {
  const [width, height] = [40, 12];
  const samples = paint(width, height, (_, y) => (y === 6 ? 520 : y === 7 ? 499 : 500));
  for (const [used, low, leaves] of [
    [2, 0, true],
    [3, 0, false],
    [4, 1, true],
    [5, 1, false],
  ] as const) {
    const found = await guarded(backend, { width, height, samples, used, low, reach: 1 });
    expect(gone(found.slot), `${used} frames, ${low} gone`).toBe(leaves ? 0 : 3 * width);
    const before = low * width * height;
    expect(found.low.reduce((a, b) => a + b, 0)).toBe(leaves ? before : before + width);
  }
}

/** Planes, blocks and the rims of the cell: as in the reference, with noise, blanks and a trail across two blocks. */
export async function checkParity(backend: ComputeBackend): Promise<void> {
  const [width, height, planes] = [BLOCK_SIZE + 37, BLOCK_SIZE + 9, 2];
  const [random, normal] = [seededRandom(5), seededNormal(6)];
  const size = width * height;
  const bright = [trail(width, height, 60, 30, 25, 12).samples, trail(width, height, 80, 40, 110, 6).samples];
  const samples = Float32Array.from({ length: planes * size }, (_, k) => {
    return random() < 0.01 ? BLANK_VALUE : bright[Math.floor(k / size)][k % size] + normal();
  });
  const median = Float32Array.from(samples, () => (random() < 0.01 ? BLANK_VALUE : 500 + 0.1 * normal()));
  // Above most of the noise, or the slower backends take long.
  const slot = { width, height, planes, samples, median, kappa: 2.5 };
  const actual = await guarded(backend, slot);
  const expected = await guarded(createReferenceBackend(), slot);
  expect(actual.slot).toEqual(expected.slot);
  expect(actual.low).toEqual(expected.low);
  expect(actual.high).toEqual(expected.high);
  expect(gone(actual.slot)).toBeGreaterThan(500);
}

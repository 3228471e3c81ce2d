// The figures of a mosaic on skies that are drawn here: each sees the fault that it is made for, in its true size, and no other.
import { describe, expect, test } from 'vitest';
import type { StarList } from '../../src/astrometry/stars/star-list.js';
import { arraySource } from '../../src/output/sources/plane-source.js';
import { addHalves, halvesChi2, NO_HALVES, type Half } from '../../src/quality/repeated-halves.js';
import { framePlacement } from '../../src/quality/placement.js';
import { measureProductStars } from '../../src/quality/product-stars.js';
import { RingRows } from '../../src/output/sources/ring-rows.js';
import { selectMedian } from '../../src/photometry/select-median.js';
import { SamplePasses } from '../../src/simd/sample-passes.js';
import { seamResidual, seamSteps } from '../../src/quality/seams.js';
import { noiseFigures, noiseSquares } from '../../src/quality/sky-noise.js';
import { byNumber, chooseStars, type FrameStars } from '../../src/quality/star-table.js';
import { starDeviations, zeroPoint } from '../../src/quality/zero-point.js';

const [NX, NY] = [640, 712];
const SIGMA = 10;

/** Unit Gaussian noise, the same for the same seed. */
function gaussian(seed: number): () => number {
  let state = seed;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

function sky(seed: number, level: (x: number, y: number) => number): Float32Array {
  const noise = gaussian(seed);
  return Float32Array.from(
    { length: NX * NY },
    (_, i) => level(i % NX, Math.floor(i / NX)) + SIGMA * noise(),
  );
}

/** Two frames side by side that overlap, upright; corners first, as the grid gives them. */
const FRAMES = [
  [20, 20, 400, 690],
  [240, 20, 620, 690],
].map(([x0, y0, x1, y1]) => Float64Array.of(x0, y0, x1, y0, x1, y1, x0, y1));
const QUIET = [
  { x: 130, y: 250 },
  { x: 320, y: 250 },
  { x: 510, y: 250 },
];

describe('seams', () => {
  const steps = async (jump: number) => {
    const slope = (x: number, y: number) => 0.2 * x - 0.1 * y + 1e-4 * x * x;
    const data = sky(7, (x, y) => 1000 + slope(x, y) + (x > 400 ? jump : 0));
    const found = await seamSteps(arraySource(NX, NY, [data]), FRAMES, QUIET);
    return seamResidual(found, 0, () => SIGMA);
  };

  test('a sky with slopes and noise has none', async () => {
    const { step, worst, places } = await steps(0);
    expect(places).toBeGreaterThan(4);
    expect(step).toBeLessThan(2);
    expect(worst).toBeLessThan(3);
  });

  test.each([12, -30])('a step of %d ADU at one edge is the worst, in its size', async (jump) => {
    const { step, worst, worstOverNoise } = await steps(jump);
    expect(Math.abs(worst - Math.abs(jump))).toBeLessThan(3);
    expect(worstOverNoise).toBeCloseTo(worst / SIGMA, 6);
    expect(step).toBeGreaterThan(0.4 * Math.abs(jump));
  });
});

test('steps of a mosaic on disk are those of one in memory, beside gaps too', async () => {
  const data = sky(7, (x, y) => (x > 430 && y > 200 ? NaN : 1000 + (x > 400 ? 9 : 0)));
  const { view, ...onDisk } = arraySource(NX, NY, [data, sky(8, () => 500), data]);
  // some before, some behind the places that have no sky
  const quiet = [0.1, 0.5, 0.9].flatMap((share) => QUIET.map(({ x }) => ({ x, y: share * NY })));
  const found = await seamSteps({ ...onDisk, view }, FRAMES, quiet);
  expect(found.some(({ step }) => Number.isNaN(step[0]))).toBe(true);
  expect(found.filter(({ control }) => !Number.isNaN(control[0])).length).toBeGreaterThan(4);
  expect(await seamSteps(onDisk, FRAMES, quiet)).toEqual(found);
  const alone = await seamSteps(arraySource(NX, NY, [data]), FRAMES, quiet);
  const { view: seen, ...aloneOnDisk } = arraySource(NX, NY, [data]);
  expect(seen).toBeDefined();
  expect(await seamSteps(aloneOnDisk, FRAMES, quiet)).toEqual(alone);
  expect(alone.length).toBeLessThan(found.length);
});

describe('noise', () => {
  const uncertainty = (value: number) => arraySource(NX, NY, [new Float32Array(NX * NY).fill(value)]);

  test('white noise on a slope is measured as what it is', async () => {
    const mosaic = arraySource(NX, NY, [sky(3, (x) => 0.5 * x)]);
    const figures = noiseFigures(await noiseSquares(mosaic, uncertainty(8)), 0, () => 4);
    expect(figures.scatter).toBeGreaterThan(0.97 * SIGMA);
    expect(figures.scatter).toBeLessThan(1.03 * SIGMA);
    expect(figures.stated).toBe(8);
    expect(figures.statedOverIdeal).toBe(2);
  });

  test('halves of true uncertainties have chi2 1, of sigmas that are a quarter too small 16/9; a star is left out', () => {
    const [a, b] = [sky(1, () => 0), sky(2, (x, y) => (Math.hypot(x - 100, y - 100) < 4 ? 900 : 0))];
    const chi2 = (sigma: number) => {
      const half = (values: Float32Array) => ({ values, sigma: new Float32Array(values.length).fill(sigma) });
      return halvesChi2(addHalves(NO_HALVES, half(a), half(b), NX, -1e3))!;
    };
    expect(Math.abs(chi2(SIGMA).pixelChi2 - 1)).toBeLessThan(0.02);
    expect(Math.abs(chi2(SIGMA).apertureChi2 - 1)).toBeLessThan(0.12);
    expect(chi2(0.75 * SIGMA).pixelChi2).toBeGreaterThan(1.6);
    expect(halvesChi2(NO_HALVES)).toBeUndefined();
    // squares with a pixel that is blank in either half, by its value or by its sigma
    const squares = (change: (half: Half, other: Half) => void) => {
      const halves = [a, b].map((values) => ({
        values: values.slice(),
        sigma: new Float32Array(values.length).fill(SIGMA),
      }));
      change(halves[1], halves[0]);
      return addHalves(NO_HALVES, halves[0], halves[1], NX, -1e3).squares;
    };
    const all = squares(() => undefined);
    expect(squares(({ values }) => (values[0] = -1001))).toBe(all - 1);
    expect(squares((half, other) => (half.values[0] = other.values[0] = -1001))).toBe(all - 1);
    expect(squares(({ values }) => (values[11 * NX + 11] = NaN))).toBe(all - 1);
    expect(squares(({ sigma }) => (sigma[12] = NaN))).toBe(all - 1);
  });
});

describe('stars', () => {
  /** A grid of stars with fluxes of their own, drawn as Gaussians, `factor` times as bright by their place and moved by `shift`. */
  const STARS = Array.from({ length: 300 }, (_, i) => ({
    x: 30 + (i % 20) * 30 + (i % 7) / 7,
    y: 30 + Math.floor(i / 20) * 31 + (i % 5) / 5,
    flux: 20_000 + 500 * (i % 40),
  }));
  const draw = (factor: (x: number) => number, shift = 0) => {
    const data = sky(11, () => 500);
    const s = 1.3;
    for (const { x, y, flux } of STARS)
      for (let j = Math.round(y) - 8; j <= Math.round(y) + 8; j++)
        for (let i = Math.round(x) - 8; i <= Math.round(x) + 8; i++)
          data[j * NX + i] +=
            ((flux * factor(x)) / (2 * Math.PI * s * s)) *
            Math.exp(-((i - x - shift) ** 2 + (j - y) ** 2) / (2 * s * s));
    return arraySource(NX, NY, [data]);
  };
  const list = (gain: number): StarList => ({
    count: STARS.length,
    x: Float64Array.from(STARS, (s) => s.x + 1),
    y: Float64Array.from(STARS, (s) => s.y + 1),
    flux: Float32Array.from(STARS, (s) => s.flux / gain),
    channelFlux: [Float32Array.from(STARS, (s) => s.flux / gain)],
    snr: new Float32Array(STARS.length).fill(100),
    fwhm: new Float32Array(STARS.length).fill(3),
    ellipticity: new Float32Array(STARS.length),
    saturated: new Uint8Array(STARS.length),
    medianFwhm: 3,
    medianEllipticity: 0,
  });
  const all = STARS.map((_, i) => i);
  const frames = [1, 1.25].map((gain): FrameStars => ({
    stars: list(gain),
    index: all,
    star: all,
    x: STARS.map((s) => s.x),
    y: STARS.map((s) => s.y),
  }));
  const table = chooseStars(frames, NX, NY);
  const measure = async (mosaic: ReturnType<typeof draw>) =>
    byNumber(table, await measureProductStars(mosaic, table, 3.06));

  test('a mosaic moved by 0.3 px says so for each of its frames', async () => {
    const { shift, stars, rms } = framePlacement(frames[0], await measure(draw(() => 1, 0.3)));
    expect(stars).toBeGreaterThan(150);
    expect(shift[0]).toBeCloseTo(0.3, 1);
    expect(Math.abs(shift[1])).toBeLessThan(0.02);
    expect(rms).toBeGreaterThan(0.28);
    expect(rms).toBeLessThan(0.35);
  });

  test('a zero point that runs by 6 % across the mosaic has a flatness of 6 % / sqrt(12), one that does not has none', async () => {
    const flatness = async (slope: number) => {
      const mosaic = await measure(draw((x) => 1 + slope * (x / NX - 0.5)));
      return zeroPoint(starDeviations(frames, [1, 1.25], 0, table, mosaic), NX, NY);
    };
    const [even, tilted] = [await flatness(0), await flatness(0.06)];
    expect(even.flatness).toBeLessThan(0.5);
    expect(even.stars).toBeGreaterThan(150);
    expect(tilted.flatness).toBeGreaterThan(1.4);
    expect(tilted.flatness).toBeLessThan(2.1);
    expect(tilted.scatter).toBeGreaterThan(1.4 * even.scatter);
  });

  test('of more stars than a call takes arguments a few are chosen of every part', () => {
    const numbers = Array.from({ length: 200_000 }, (_, i) => i);
    const of = (count: number): FrameStars => ({
      stars: frames[0].stars,
      index: new Array<number>(count).fill(0),
      star: numbers.slice(0, count),
      x: numbers.slice(0, count).map((i) => 3 * (i % 500)),
      y: numbers.slice(0, count).map((i) => 3 * Math.floor(i / 500)),
    });
    const chosen = chooseStars([of(numbers.length), of(100_000)], 1500, 1200);
    expect(chosen.length).toBeGreaterThan(600);
    expect(chosen.every(({ seen, number }) => seen === 2 && number < 100_000)).toBe(true);
  });

  test('a place with a gap beside it is not measured', async () => {
    const mosaic = draw(() => 1);
    const data = new Float32Array(NX * NY);
    await mosaic.readRows(0, 0, NY, data);
    data[Math.round(STARS[0].y) * NX + Math.round(STARS[0].x) + 6] = NaN;
    const [first] = await measureProductStars(arraySource(NX, NY, [data]), [STARS[0]], 3.06);
    expect(first).toBeUndefined();
  });
});

test('rings of rows hold what was asked for, in every plane, whatever the requests', async () => {
  const planes = [0, 1].map((p) => Float32Array.from({ length: 900 * 4 }, (_, i) => 2 * i + p));
  const room = new SamplePasses();
  const ring = new RingRows(room, arraySource(4, 900, planes), 71);
  expect(ring.rows).toBe(256);
  for (const [y0, y1] of [
    [0, 3],
    [2, 70],
    [60, 130],
    [124, 195],
    [130, 201],
    [193, 264],
    [300, 371],
    [829, 900],
    [500, 571],
    [512, 570],
    [20, 91],
  ]) {
    await ring.need(y0, y1);
    for (const [p, plane] of planes.entries()) {
      const held = ring.plane(p);
      for (let y = y0; y < y1; y++) {
        const at = 4 * (y % ring.rows);
        expect([...held.subarray(at, at + 4)]).toEqual([...plane.subarray(4 * y, 4 * y + 4)]);
      }
    }
  }
});

test('the figures of a square are medians of every second pixel of every second row, and none where one of them has a gap', () => {
  const [side, lag, stride] = [64, 8, 70];
  const noise = gaussian(11);
  const values = Float32Array.from({ length: side * stride }, () => 1000 + 20 * noise());
  const sigmas = Float32Array.from({ length: side * stride }, () => 20 + noise());
  const measure = (v: Float32Array, s: Float32Array): number[] | undefined => {
    const room = new SamplePasses();
    const [scratch, out] = [room.take(16 * side * side), room.take(24)];
    const [a, b] = [room.put(v), room.put(s)];
    return room.passes.noiseSquare(a, b, stride, side, lag, scratch, out)
      ? [...new Float64Array(room.buffer, out, 3)]
      : undefined;
  };
  const squares: number[] = [];
  const own: [number[], number[]] = [[], []];
  for (let y = 0; y < side; y += 2) {
    for (let x = lag; x < side - lag; x += 2) {
      const i = y * stride + x;
      const z = values[i - lag] - 2 * values[i] + values[i + lag];
      squares.push(z ** 2 / (sigmas[i - lag] ** 2 + 4 * sigmas[i] ** 2 + sigmas[i + lag] ** 2));
      own[0].push(sigmas[i]);
      own[1].push(values[i]);
    }
  }
  const medians = [squares, ...own].map((list) => selectMedian(Float64Array.from(list)));
  expect(measure(values, sigmas)).toEqual(medians);
  // counts of equal values, as of a sky that was rounded
  const flat = values.map((v) => Math.round(v / 40));
  expect(measure(flat, sigmas)![2]).toBe(25);
  for (const [at, isSeen] of [
    [2 * stride + 20, true],
    [62 * stride, true],
    [62 * stride + 62, true],
    [3 * stride + 20, false],
    [2 * stride + 21, false],
    [2 * stride + 64, false],
  ] as const) {
    const gap = values.slice();
    gap[at] = NaN;
    expect(measure(gap, sigmas) === undefined).toBe(isSeen);
    const unknown = sigmas.slice();
    unknown[at] = NaN;
    expect(measure(values, unknown) === undefined).toBe(isSeen);
  }
});

// Trails are found in one frame by their length, where each pixel of them is below its noise, and nothing else is.
import { describe, expect, it } from 'vitest';
import { detectStars } from '../../../src/astrometry/stars/detect-stars.js';
import { rowOfMarks } from '../../../src/astrometry/trails/row-of-marks.js';
import { SamplePasses } from '../../../src/simd/sample-passes.js';
import { randomNumbers } from '../solver/synthetic-field.js';
import { drawFrame } from '../stars/draw-frame.js';

const [WIDTH, HEIGHT] = [480, 640];
const GRBG = [1, 0, 2, 1] as const;
const NOISE = 5;
const random = randomNumbers(11);
const star = (x: number, y: number, flux: number) => ({ x, y, flux: [flux, flux, flux] as const });
const stars = Array.from({ length: 150 }, () =>
  star(WIDTH * random(), HEIGHT * random(), 300 + 9000 * random() ** 4),
);

/** A Gaussian ridge of standard deviation `sigma` along x cos + y sin = offset, between two places along it. */
const ridge =
  (angle: number, offset: number, height: number, { sigma = 1.3, from = -Infinity, to = Infinity } = {}) =>
  (data: Float32Array) => {
    const [nx, ny] = [Math.cos(angle), Math.sin(angle)];
    data.forEach((_, k) => {
      const [x, y] = [k % WIDTH, Math.floor(k / WIDTH)];
      const along = x * ny - y * nx;
      if (along < from || along > to) return;
      data[k] += height * Math.exp(-0.5 * ((x * nx + y * ny - offset) / sigma) ** 2);
    });
  };

const trailsOf = (
  spoil: (data: Float32Array) => void,
  seed = 1,
  cfa: typeof GRBG | undefined = GRBG,
  more: typeof stars = [],
) =>
  detectStars(
    drawFrame([...stars, ...more], { width: WIDTH, height: HEIGHT, noise: NOISE, cfa, seed, spoil }),
    undefined,
    { seeksTrails: true },
  ).trails!;

it('every mark of a line counts, whatever their number', () => {
  for (const count of [21, 22, 23, 24]) {
    const marks = { nx: 40, ny: 40, side: 3, x0: 0, y0: 0, count };
    const [i, j] = [Int32Array.from({ length: count }, (_, m) => m), new Int32Array(count).fill(17)];
    const row = rowOfMarks(new SamplePasses(), { ...marks, i, j }, new Uint8Array(count).fill(1), 2);
    const byChance = (2 * count * 40) / 1600;
    // the nearest direction is not quite that of the line
    expect(row?.excess).toBeCloseTo((count - byChance) / Math.sqrt(byChance), 1);
  }
});

describe('trails of a frame', () => {
  it.each([
    ['flat', 1.5, 300],
    ['steep', 0.2, 260],
    ['rising', -0.9, -120],
    ['along a column', 0, 201],
  ])('%s, as high as the noise of a pixel: its place, and all of its light', (_, angle, offset) => {
    for (const cfa of [GRBG, undefined]) {
      const trails = trailsOf(ridge(angle, offset, NOISE), 3, cfa);
      expect(trails).toHaveLength(1);
      const [{ nx, ny, offset: found, halfWidth, from, to }] = trails;
      const sign = Math.sign(nx * Math.cos(angle) + ny * Math.sin(angle));
      expect(Math.abs(nx * Math.sin(angle) - ny * Math.cos(angle))).toBeLessThan(0.004);
      // compared in the middle of the trail
      const middle = (from + to) / 2;
      const [x, y] = [found * nx + middle * ny, found * ny - middle * nx];
      expect(Math.abs(x * Math.cos(angle) + y * Math.sin(angle) - offset)).toBeLessThan(0.6);
      expect(sign).not.toBe(0);
      expect(halfWidth).toBeGreaterThan(2.5);
      expect(halfWidth).toBeLessThan(8);
    }
  });

  it('ends where it ends', () => {
    const [trail, ...others] = trailsOf(ridge(1.5, 350, 4 * NOISE, { from: 90, to: 370 }));
    expect(others).toEqual([]);
    const sign = Math.sign(Math.sin(1.5) * trail.ny);
    const [from, to] = [sign * trail.from, sign * trail.to].sort((a, b) => a - b);
    for (const [beyond, most] of [
      [90 - from, 60],
      [to - 370, 60],
    ]) {
      expect(beyond).toBeGreaterThan(-2);
      expect(beyond).toBeLessThan(most);
    }
  });

  it('two of them, one faint beside a bright one', () => {
    const [bright, faint] = [ridge(0.7, 330, 60 * NOISE, { sigma: 1.8 }), ridge(-0.4, 120, NOISE)];
    expect(
      trailsOf((data) => {
        bright(data);
        faint(data);
      }),
    ).toHaveLength(2);
  });

  it('none of stars, a row of them, a wide band of light or the edge of a nebula', () => {
    for (const seed of [5, 6, 7]) expect(trailsOf(() => {}, seed)).toEqual([]);
    const row = Array.from({ length: 12 }, (_, i) => star(200 + 0.2 * i, 40 * i + 90, 3000));
    expect(trailsOf(() => {}, 1, GRBG, row)).toEqual([]);
    expect(trailsOf(ridge(0.4, 250, 4 * NOISE, { sigma: 40 }))).toEqual([]);
    expect(trailsOf(ridge(0.4, 250, 20 * NOISE, { sigma: 17 }))).toEqual([]);
    const edge = (data: Float32Array) =>
      data.forEach((_, k) => (data[k] += 8 * NOISE * Number((k % WIDTH) + k / WIDTH > 600)));
    expect(trailsOf(edge)).toEqual([]);
  });

  it('none where no box stands out, or all marks are spoken for', () => {
    const memory = new SamplePasses();
    const [i, j] = [Int32Array.from({ length: 60 }, (_, k) => k), new Int32Array(60).fill(30)];
    const marks = { nx: 100, ny: 60, side: 3, x0: 0, y0: 0, count: 60, i, j };
    expect(rowOfMarks(memory, marks, new Uint8Array(60).fill(1), 8)).toMatchObject({ offset: 30, sin: 1 });
    expect(rowOfMarks(memory, marks, new Uint8Array(60), 8)).toBeUndefined();
    const none = new Int32Array(0);
    expect(
      rowOfMarks(memory, { ...marks, count: 0, i: none, j: none }, new Uint8Array(0), 8),
    ).toBeUndefined();
  });
});

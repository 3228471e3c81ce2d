// Stars of 16-bit samples are sought and measured as those of the same samples as floats: peaks to the bit, shapes and light to the last digits.
import { describe, expect, it } from 'vitest';
import { chooseFinder } from '../../../src/astrometry/stars/choose-finder.js';
import { detectionImage } from '../../../src/astrometry/stars/detection-image.js';
import { DetectionScratch } from '../../../src/astrometry/stars/detection-scratch.js';
import { IntegerFinder } from '../../../src/astrometry/stars/integer-finder.js';
import { matchedFilter } from '../../../src/astrometry/stars/matched-filter.js';
import { SampleFinder } from '../../../src/astrometry/stars/sample-finder.js';
import { MAX_WINDOW_SIGMA } from '../../../src/astrometry/stars/star-finder.js';
import type { Samples } from '../../../src/photometry/samples.js';
import { drawFrame } from './draw-frame.js';

const RGGB = [0, 1, 1, 2] as const;
const [WIDTH, HEIGHT] = [203, 131];
const scratch = new DetectionScratch();

/** Largest difference of two columns, relative to what is larger than 1. */
const farthest = (a: Float64Array, b: Float64Array): number =>
  a.reduce(
    (most, v, k) => Math.max(most, Math.abs(v - b[k]) / (1 + Math.abs(b[k]))),
    a.length === b.length ? 0 : NaN,
  );

describe('16-bit samples are searched as the same floats are', () => {
  it.each([
    ['a CFA', RGGB, 2.5, 0],
    ['a CFA with wide stars', RGGB, 6, 0],
    ['signed samples of a CFA', RGGB, 2.5, -32768],
    ['a plane', undefined, 2.5, 0],
    ['signed samples of a plane with wide stars', undefined, 7, -32768],
  ] as const)('%s', (_, cfa, fwhm, zero) => {
    // each with a fainter neighbour, some of which stand apart from it and some not
    const stars = Array.from({ length: 40 }, (_, k) => {
      const [x, y] = [12.3 + ((k * 37) % 180), 12.1 + ((k * 53) % 108)];
      const distance = k % 2 === 0 ? 2.6 + 0.06 * k : (0.75 + 0.02 * k) * Math.hypot(3, fwhm);
      return [
        { x, y, flux: [3e4, 2e4, 1e4] as const },
        { x: x + distance, y: y + 1, flux: [2e4, 1.3e4, 7e3] as const },
      ];
    }).flat();
    const drawn = drawFrame(stars, { width: WIDTH, height: HEIGHT, cfa });
    const values = drawn.planes[0].map((v) => Math.min(Math.round(v + 20_000), 65_535) + zero);
    // a hot pixel, and one of either kind at a corner
    for (const k of [50 * WIDTH + 61, 0, WIDTH * HEIGHT - 1]) values[k] += 20_000;
    const integers = zero < 0 ? Int16Array.from(values) : Uint16Array.from(values);
    // a sky that is not the same everywhere
    const level = drawn.grid.level.map((l) => l.map((v, k) => v + 20_000 + zero + 3 * k));
    const noise = drawn.grid.noise.map((n) => n.map((v, k) => v * (1 + 0.1 * (k % 3))));
    const frame = (plane: Samples) => ({
      ...drawn,
      planes: [plane],
      grid: { ...drawn.grid, level, noise },
      saturation: 22_600 + zero,
    });
    const filter = matchedFilter(fwhm, cfa ? 2 : 1);
    const finder = (plane: Samples) => chooseFinder(detectionImage(frame(plane)), filter, scratch);
    const plain = finder(Float32Array.from(integers)) as SampleFinder;
    const quick = finder(integers);
    expect(plain).toBeInstanceOf(SampleFinder);
    expect(quick).toBeInstanceOf(IntegerFinder);

    const { x0, x1, y0, y1, data, width: across } = plain.coarse;
    // only one of them has it in memory of passes
    expect({ ...quick.coarse, data: [], made: undefined }).toEqual({ ...plain.coarse, data: [] });
    const inside = (all: Float32Array) =>
      Array.from({ length: y1 - y0 }, (_, j) => [
        ...all.subarray((y0 + j) * across + x0, (y0 + j) * across + x1),
      ]);
    expect(inside(quick.coarse.data)).toEqual(inside(data));

    // the same peaks, of which the saddles to higher ones have sorted out others
    const peaks = plain.peaks();
    const listed = Array.from({ length: drawn.grid.ny }, (_, j) => plain.peaksIn(j, filter.noiseGain)).flat();
    expect(peaks.at.length).toBeGreaterThan(20);
    expect(peaks.at.length).toBeLessThan(new Set(listed.map(({ k }) => k)).size);
    expect(quick.peaks()).toEqual(peaks);

    for (const sigma of [1.3, MAX_WINDOW_SIGMA]) {
      const [expected, actual] = [plain.shapes(peaks, sigma), quick.shapes(peaks, sigma)];
      expect(expected.count).toBeGreaterThan(10);
      expect([actual.count, actual.peak, actual.snr]).toEqual([expected.count, expected.peak, expected.snr]);
      for (const name of ['x', 'y', 'fwhm', 'ellipticity', 'angle'] as const)
        expect(farthest(actual[name], expected[name])).toBeLessThan(1e-9);
      for (const radius of [2.5, 20]) {
        const [light, same] = [plain.lights(expected, radius), quick.lights(expected, radius)];
        expect(farthest(same.flux, light.flux)).toBeLessThan(1e-12);
        expect(same.saturated).toEqual(light.saturated);
        expect([...new Set(light.saturated)].sort()).toEqual([0, 1]);
      }
    }
    const hot = { at: Int32Array.of(50 * WIDTH + 61), snr: Float32Array.of(9) };
    expect([plain, quick].map((of) => of.shapes(hot, 1.3).count)).toEqual([0, 0]);
  });

  it('faint neighbours, whose saddle may be one of the noise', () => {
    const stars = Array.from({ length: 60 }, (_, k) => {
      const [x, y] = [12.3 + ((k * 37) % 180), 12.1 + ((k * 53) % 108)];
      const [flux, fainter] = [200, 160].map((f) => [f + 3 * k, 0, 0] as const);
      return [
        { x, y, flux, fwhm: 2.5 },
        // on all sides, so that some lie beyond each border of the places by which higher ones are looked up
        {
          x: x + (k % 2 ? -1 : 1) * (3 + 0.05 * k),
          y: y + (k % 4 < 2 ? 1 : -1) * 2,
          flux: fainter,
          fwhm: 2.5,
        },
      ];
    }).flat();
    const drawn = drawFrame(stars, { width: WIDTH, height: HEIGHT });
    const integers = Uint16Array.from(drawn.planes[0], (v) => Math.round(v));
    const peaksOf = (plane: Samples) =>
      chooseFinder(detectionImage({ ...drawn, planes: [plane] }), matchedFilter(2.5, 1), scratch).peaks();
    const peaks = peaksOf(Float32Array.from(integers));
    expect(peaks.snr.filter((snr) => snr < 13).length).toBeGreaterThan(20);
    expect(peaksOf(integers)).toEqual(peaks);
  });

  it('stars of one height, in the order of the image', () => {
    const drawn = drawFrame([], { width: WIDTH, height: HEIGHT });
    const { level, noise } = drawn.grid;
    const grid = { ...drawn.grid, level: level.map((l) => l.fill(0)), noise: noise.map((n) => n.fill(5)) };
    const integers = new Uint16Array(WIDTH * HEIGHT);
    const tops = Array.from({ length: 20 }, (_, k) => (20 + 24 * (k % 4)) * WIDTH + 20 + 32 * (k >> 2));
    for (const k of tops)
      for (const [dy, dx, v] of [
        [0, 0, 900],
        [0, 1, 400],
        [0, -1, 400],
        [1, 0, 400],
        [-1, 0, 400],
      ])
        integers[k + dy * WIDTH + dx] = v;
    const peaksOf = (plane: Samples) =>
      chooseFinder(
        detectionImage({ ...drawn, grid, planes: [plane] }),
        matchedFilter(2.5, 1),
        scratch,
      ).peaks();
    const { at, snr } = peaksOf(integers);
    expect([...at]).toEqual(tops.toSorted((a, b) => a - b));
    expect(new Set(snr).size).toBe(1);
    expect(peaksOf(Float32Array.from(integers)).at).toEqual(at);
  });
});

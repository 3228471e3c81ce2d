// Stars of 16-bit samples are sought and measured as those of the same samples as floats: peaks and light to the bit, shapes to the last digits.
import { describe, expect, it } from 'vitest';
import { chooseFinder } from '../../../src/astrometry/stars/choose-finder.js';
import { detectionImage } from '../../../src/astrometry/stars/detection-image.js';
import { DetectionScratch } from '../../../src/astrometry/stars/detection-scratch.js';
import { IntegerFinder } from '../../../src/astrometry/stars/integer-finder.js';
import { matchedFilter } from '../../../src/astrometry/stars/matched-filter.js';
import { SampleFinder } from '../../../src/astrometry/stars/sample-finder.js';
import { MAX_WINDOW_SIGMA, type StarFinder } from '../../../src/astrometry/stars/star-finder.js';
import type { Samples } from '../../../src/photometry/samples.js';
import { drawFrame } from './draw-frame.js';

const RGGB = [0, 1, 1, 2] as const;
const [WIDTH, HEIGHT] = [203, 131];
const scratch = new DetectionScratch();

describe('16-bit samples are searched as the same floats are', () => {
  it.each([
    ['a CFA', RGGB, 2.5, 0],
    ['a CFA with wide stars', RGGB, 6, 0],
    ['signed samples of a CFA', RGGB, 2.5, -32768],
    ['a plane', undefined, 2.5, 0],
    ['signed samples of a plane with wide stars', undefined, 7, -32768],
  ] as const)('%s', (_, cfa, fwhm, zero) => {
    const stars = Array.from({ length: 40 }, (_, k) => ({
      x: 12.3 + ((k * 37) % 180),
      y: 12.1 + ((k * 53) % 108),
      flux: [3e4, 2e4, 1e4] as const,
    }));
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
      saturation: 30_000 + zero,
    });
    const filter = matchedFilter(fwhm, cfa ? 2 : 1);
    const finder = (plane: Samples) => chooseFinder(detectionImage(frame(plane)), filter, scratch);
    const plain = finder(Float32Array.from(integers));
    const quick = finder(integers);
    expect(plain).toBeInstanceOf(SampleFinder);
    expect(quick).toBeInstanceOf(IntegerFinder);

    const { x0, x1, y0, y1, data, width: across } = plain.coarse;
    expect({ ...quick.coarse, data: [] }).toEqual({ ...plain.coarse, data: [] });
    const inside = (all: Float32Array) =>
      Array.from({ length: y1 - y0 }, (_, j) => [
        ...all.subarray((y0 + j) * across + x0, (y0 + j) * across + x1),
      ]);
    expect(inside(quick.coarse.data)).toEqual(inside(data));

    const peaksOf = (of: StarFinder) =>
      Array.from({ length: drawn.grid.ny }, (_, j) => of.peaksIn(j, filter.noiseGain)).flat();
    const peaks = peaksOf(plain);
    expect(peaks.length).toBeGreaterThan(20);
    expect(peaksOf(quick)).toEqual(peaks);

    const saddles = (of: StarFinder) =>
      peaks.map(({ k, value }, p) => of.saddleBelow(peaks[(p + 1) % peaks.length].k, k, 0.8 * value));
    expect(saddles(quick)).toEqual(saddles(plain));
    // neighbours at the top of one star, and what is far apart
    const near = peaks[0].k;
    expect([3, 14, 15].map((d) => quick.saddleBelow(near, near + d, -Infinity))).toEqual([
      false,
      false,
      true,
    ]);

    let shapes = 0;
    for (const { k } of peaks) {
      const [x, y] = [k % WIDTH, Math.floor(k / WIDTH)];
      for (const sigma of [1.3, MAX_WINDOW_SIGMA]) {
        const [expected, actual] = [plain.shape(x, y, sigma), quick.shape(x, y, sigma)];
        expect(actual === undefined).toBe(expected === undefined);
        if (!expected || !actual) continue;
        shapes++;
        expect(actual.sky).toEqual(expected.sky);
        for (const name of ['x', 'y', 'fwhm', 'ellipticity', 'angle'] as const)
          expect(Math.abs(actual[name] - expected[name])).toBeLessThan(1e-9 * (1 + Math.abs(expected[name])));
        for (const radius of [2.5, 20]) {
          const light = [new Float64Array(cfa ? 3 : 1), new Float64Array(cfa ? 3 : 1)];
          const saturated = [plain, quick].map((of, i) =>
            of.flux(x + 0.2, y, radius, expected.sky, light[i]),
          );
          expect(saturated[1]).toBe(saturated[0]);
          expect(light[1]).toEqual(light[0]);
        }
      }
    }
    expect(shapes).toBeGreaterThan(20);
    const hot = [plain, quick].map((of) => of.shape(61, 50, 1.3));
    expect(hot).toEqual([undefined, undefined]);
  });
});

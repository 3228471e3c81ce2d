import { describe, expect, test } from 'vitest';
import { randomStream } from '../../../src/demo/random.js';
import type { BinnedImage } from '../../../src/output/picture/binned-image.js';
import { imageRows } from '../../../src/output/picture/picture-rows.js';
import { neutralSky } from '../../../src/output/picture/sky-colour.js';
import { percentile, skyLevel, sortedSample } from '../../../src/output/picture/sky-statistics.js';

const SKY = [700, 800, 600];

/** Noise of sigma 5 over SKY; a red nebula over the columns from `from` on; blanks (0) over the first columns. */
function field(nx: number, ny: number, from: number, blanks = 0): BinnedImage {
  const random = randomStream(11);
  const planes = SKY.map((sky, p) =>
    Float32Array.from({ length: nx * ny }, (_, i) => {
      if (i % nx < blanks) return NaN;
      return sky + 5 * random.normal() + (p === 0 && i % nx >= from ? 30 : 0);
    }),
  );
  const footprint = Float32Array.from({ length: nx * ny }, (_, i) => (i % nx < blanks ? 0 : 1));
  return { nx, ny, factor: 1, planes, footprint };
}

const skyOf = (image: BinnedImage) =>
  neutralSky(
    imageRows(image),
    image.planes.map((plane) => skyLevel(sortedSample(plane))),
  );

describe('the neutral sky', () => {
  test('is that of the dark part, though the nebula covers most of the field', async () => {
    const image = field(320, 240, 96);
    expect(skyLevel(sortedSample(image.planes[0])).level).toBeGreaterThan(725); // the trap
    (await skyOf(image)).forEach((level, p) => expect(Math.abs(level - SKY[p])).toBeLessThan(2));
  });

  test('does not look where there is no coverage', async () => {
    (await skyOf(field(320, 240, 320, 100))).forEach((level, p) =>
      expect(Math.abs(level - SKY[p])).toBeLessThan(2),
    );
  });

  test('is the median of the darkest places, of each plane', async () => {
    const [nx, ny, side] = [330, 250, 16];
    const { footprint, ...image } = field(nx, ny, 96, 37);
    const levels = image.planes.map((plane) => skyLevel(sortedSample(plane)));
    const places: number[][] = [];
    for (let y0 = 0; y0 + side <= ny; y0 += side) {
      for (let x0 = 48; x0 + side <= nx; x0 += side) {
        const inside = Array.from({ length: side * side }, (_, k) => (y0 + (k >> 4)) * nx + x0 + (k & 15));
        places.push(
          image.planes.map((p) => inside.map((at) => p[at]).sort((a, b) => a - b)[(side * side) / 2]),
        );
      }
    }
    const brightness = places.map((place) =>
      place.reduce((sum, v, p) => sum + (v - levels[p].level) / levels[p].sigma, 0),
    );
    const limit = percentile(Float32Array.from(brightness).sort(), 15);
    const dark = places.filter((_, k) => brightness[k] <= limit);
    const expected = [0, 1, 2].map((p) => percentile(Float32Array.from(dark, (v) => v[p]).sort(), 50));
    expect(await neutralSky(imageRows({ ...image, footprint }), levels)).toEqual(expected);
    // and where only the values tell what is covered: a pixel of one plane in each of the places, which are dark
    const planes = image.planes.map((plane, p) =>
      plane.map((v, i) => {
        const [x, y] = [i % nx, Math.floor(i / nx)];
        if (x >= 48) return v;
        return x % 16 === 5 && y % 16 === 7 && x >> 4 === p ? NaN : SKY[p] - 40;
      }),
    );
    expect(await neutralSky(imageRows({ ...image, planes }), levels)).toEqual(expected);
  });

  test('of a picture too small to choose from is the most frequent value', async () => {
    (await skyOf(field(40, 20, 40))).forEach((level, p) => expect(Math.abs(level - SKY[p])).toBeLessThan(5));
  });
});

import { describe, expect, test } from 'vitest';
import { randomStream } from '../../src/demo/random.js';
import type { BinnedImage } from '../../src/output/binned-image.js';
import { neutralSky } from '../../src/output/sky-colour.js';
import { skyLevel, sortedSample } from '../../src/output/sky-statistics.js';

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
    image,
    image.planes.map((plane) => skyLevel(sortedSample(plane))),
  );

describe('the neutral sky', () => {
  test('is that of the dark part, though the nebula covers most of the field', () => {
    const image = field(320, 240, 96);
    expect(skyLevel(sortedSample(image.planes[0])).level).toBeGreaterThan(725); // the trap
    skyOf(image).forEach((level, p) => expect(Math.abs(level - SKY[p])).toBeLessThan(2));
  });

  test('does not look where there is no coverage', () => {
    skyOf(field(320, 240, 320, 100)).forEach((level, p) => expect(Math.abs(level - SKY[p])).toBeLessThan(2));
  });

  test('of a picture too small to choose from is the most frequent value', () => {
    skyOf(field(40, 20, 40)).forEach((level, p) => expect(Math.abs(level - SKY[p])).toBeLessThan(5));
  });
});

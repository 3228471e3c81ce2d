// The overlay of matched stars tells what the pixels show, not what the header says.
import { expect, it } from 'vitest';
import { matchStar, type ReadPixels } from '../../src/gui/server/match-stars.js';

const size = { nx: 64, ny: 64 };

/** Sky with even ripples, a star of sigma 1.5 px at a FITS pixel position, and blanks in the last columns. */
function sky(star: readonly [number, number]): ReadPixels {
  const value = (x: number, y: number): number => {
    if (x >= 50) return NaN;
    const r2 = (x + 1 - star[0]) ** 2 + (y + 1 - star[1]) ** 2;
    return 100 + ((x * 7 + y * 13) % 5) + 2000 * Math.exp(-r2 / (2 * 1.5 ** 2));
  };
  return (x0, y0, width, height) =>
    Promise.resolve(
      Float32Array.from({ length: width * height }, (_, i) =>
        value(x0 + (i % width), y0 + Math.floor(i / width)),
      ),
    );
}

it('finds a star beside its place, to a tenth of a pixel', async () => {
  const { found } = await matchStar({ x: 30, y: 20, mag: 8 }, size, sky([31.3, 18.6]));
  expect(found?.[0]).toBeCloseTo(31.3, 1);
  expect(found?.[1]).toBeCloseTo(18.6, 1);
});

it('says that there is none where there is none, or only one farther away', async () => {
  expect((await matchStar({ x: 30, y: 20, mag: 8 }, size, sky([60, 60]))).found).toBeNull();
  expect((await matchStar({ x: 30, y: 20, mag: 8 }, size, sky([42, 20]))).found).toBeNull();
});

it('says nothing at the border and beside blanks', async () => {
  for (const [x, y] of [
    [3, 20],
    [30, 62],
    [46, 20],
  ] as const)
    expect(await matchStar({ x, y, mag: 8 }, size, sky([x, y]))).not.toHaveProperty('found');
});

// Stars on a drawn mosaic of three planes: the middle plane says where they are, each plane how bright.
import { describe, expect, it } from 'vitest';
import { arraySource } from '../../src/output/sources/plane-source.js';
import { measureProductStars } from '../../src/quality/product-stars.js';

const N = 81;
const FWHM = 3;
const SKY = [100, 50, 7];
const FLUX = [1000, 3000, 500];

/** Planes with one star of width `fwhm` at (x, y), its first plane `aside` further right. */
function drawn(x: number, y: number, aside = 0, fwhm = FWHM): Float32Array[] {
  const s = fwhm / 2.3548;
  return SKY.map((sky, p) =>
    Float32Array.from({ length: N * N }, (_, i) => {
      const d2 = ((i % N) - x - (p === 0 ? aside : 0)) ** 2 + (Math.floor(i / N) - y) ** 2;
      return sky + (FLUX[p] / (2 * Math.PI * s * s)) * Math.exp(-d2 / (2 * s * s));
    }),
  );
}

/** Light of a plane in the aperture about (x, y), its last pixel fading out. */
function lightOf(plane: Float32Array, sky: number, x: number, y: number): number {
  return plane.reduce((sum, v, i) => {
    const weight = 1.2 * FWHM + 0.5 - Math.hypot((i % N) - x, Math.floor(i / N) - y);
    return sum + Math.max(0, Math.min(1, weight)) * (v - sky);
  }, 0);
}

const measure = async (planes: Float32Array[], x: number, y: number) =>
  (await measureProductStars(arraySource(N, N, planes), [{ x, y }], FWHM))[0];

describe('a star of a mosaic of three planes', () => {
  it('stands where the middle plane has it, and has the light of each plane in the aperture there', async () => {
    const planes = drawn(40.3, 40.8, 1);
    const star = (await measure(planes, 40, 40))!;
    expect(Math.hypot(star.x - 40.3, star.y - 40.8)).toBeLessThan(1e-3);
    expect(star.flux).toHaveLength(3);
    for (const [p, flux] of star.flux.entries())
      expect(Math.abs(flux / lightOf(planes[p], SKY[p], 40.3, 40.8) - 1)).toBeLessThan(2e-3);
  });

  it('is sought until it stands still: a star that is not as wide as its window needs several steps', async () => {
    for (const fwhm of [0.75 * FWHM, 1.5 * FWHM]) {
      const star = (await measure(drawn(40.4, 39.6, 0, fwhm), 40, 40))!;
      expect(Math.hypot(star.x - 40.4, star.y - 39.6)).toBeLessThan(4e-3);
    }
  });

  it('is none where one plane has a gap, where it stands elsewhere, or where there is no light', async () => {
    const gap = drawn(40, 40);
    gap[2][40 * N + 47] = NaN;
    expect(await measure(gap, 40, 40)).toBeUndefined();
    expect(await measure(drawn(43, 40), 40, 40)).toBeUndefined();
    expect(await measure(drawn(41, 40), 40, 40)).toBeDefined();
    const hole = drawn(40, 40).map((plane, p) => plane.map((v) => 2 * SKY[p] - v));
    expect(await measure(hole, 40, 40)).toBeUndefined();
  });
});

import { describe, expect, test } from 'vitest';
import { makeTanWcs } from '../../src/astrometry/wcs/tan-wcs.js';
import { FITS_UPRIGHT, northUp, screenRow, type Orientation } from '../../src/output/orientation.js';

const s = 0.001;
const turned = (deg: number, mirrored: boolean): [number, number, number, number] => {
  const [c, n] = [Math.cos((deg * Math.PI) / 180) * s, Math.sin((deg * Math.PI) / 180) * s];
  return mirrored ? [c, -n, n, c] : [-c, n, n, c];
};
const wcsWith = (cd: [number, number, number, number], dec = 40) =>
  makeTanWcs({ crval: [359.99, dec], crpix: [50.5, 30.5], cd });

/** Screen coordinates (x right, y down) of 0-based array pixel (i, j). */
function onScreen(turn: Orientation, nx: number, ny: number, i: number, j: number): [number, number] {
  const height = turn.transpose ? nx : ny;
  for (let y = 0; y < height; y++) {
    const { start, step, length } = screenRow(turn, nx, ny, y);
    for (let x = 0; x < length; x++) if (start + x * step === j * nx + i) return [x, y];
  }
  throw new Error('the pixel is nowhere on the screen');
}

describe('north comes up and east to the left', () => {
  const cases = [0, 90, 180, 270, 30, -40, 140].flatMap((deg) => [
    { deg, mirrored: false, dec: 40 },
    { deg, mirrored: true, dec: 40 },
    { deg, mirrored: false, dec: -70 },
  ]);
  test.each(cases)(
    'turned by $deg degrees, mirrored $mirrored, at declination $dec',
    ({ deg, mirrored, dec }) => {
      const [nx, ny] = [100, 60];
      const wcs = wcsWith(turned(deg, mirrored), dec);
      const turn = northUp(wcs, nx, ny);
      const at = (ra: number, d: number) => {
        const [x, y] = wcs.skyToPixel(ra, d)!;
        return onScreen(turn, nx, ny, Math.round(x) - 1, Math.round(y) - 1);
      };
      const centre = at(359.99, dec);
      const north = at(359.99, dec + 20 * s);
      const east = at(359.99 + (20 * s) / Math.cos((dec * Math.PI) / 180), dec);
      // Within 45 degrees of up and of left, as quarter turns allow.
      expect(centre[1] - north[1]).toBeGreaterThanOrEqual(Math.abs(north[0] - centre[0]) - 1);
      expect(centre[0] - east[0]).toBeGreaterThanOrEqual(Math.abs(east[1] - centre[1]) - 1);
    },
  );
});

test('the usual output grid is only turned over, as FITS images are drawn', () => {
  expect(northUp(wcsWith([-s, 0, 0, s]), 100, 60)).toEqual(FITS_UPRIGHT);
  expect(northUp(undefined, 100, 60)).toEqual(FITS_UPRIGHT);
});

test('a writer by rows is never asked to swap axes', () => {
  for (const deg of [0, 90, 180, 270]) {
    expect(northUp(wcsWith(turned(deg, false)), 100, 60, { streaming: true }).transpose).toBe(false);
  }
});

test('a field on the pole still has an up', () => {
  expect(
    northUp(makeTanWcs({ crval: [0, 90], crpix: [50.5, 30.5], cd: [-s, 0, 0, s] }), 100, 60),
  ).toBeDefined();
});

// HEALPix cells against astropy-healpix 0.6 (tests/fixtures/healpix: order, lon, lat, nested number, centre of that cell, its point dx 0.25, dy 0.75).
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  cellNumber,
  cellOfUnit,
  cellPlace,
  cellSideArcsec,
  placeToUnit,
  unitToPlace,
} from '../../../src/astrometry/healpix/cells.js';
import { skyPosition, unitVector, vectorSeparationDeg } from '../../../src/astrometry/wcs/sphere.js';
import { randomStream } from '../../../src/demo/random.js';

const rows = JSON.parse(
  readFileSync(new URL('../../fixtures/healpix/astropy-healpix-0.6.json', import.meta.url), 'utf8'),
) as number[][];

function placeOf(order: number, number: number, dx: number, dy: number) {
  const { face, ix, iy } = cellPlace(order, number);
  const v = new Float64Array(3);
  placeToUnit(face, ix + dx, iy + dy, 2 ** order, v);
  return [v[0], v[1], v[2]] as const;
}

describe('HEALPix', () => {
  it('has the numbers, centres and directions of astropy-healpix', () => {
    expect(rows).toHaveLength(60);
    for (const [order, lon, lat, number, lonCentre, latCentre, lonPart, latPart] of rows) {
      const v = unitVector(lon, lat);
      expect(cellOfUnit(order, ...v)).toBe(number);
      const centre = placeOf(order, number, 0.5, 0.5);
      expect(vectorSeparationDeg(centre, unitVector(lonCentre, latCentre))).toBeLessThan(1e-8);
      const part = placeOf(order, number, 0.25, 0.75);
      expect(vectorSeparationDeg(part, unitVector(lonPart, latPart))).toBeLessThan(1e-8);
    }
  });

  it('finds each place again, close to the poles and along all edges too', () => {
    const random = randomStream(4);
    const nside = 2 ** 20;
    const v = new Float64Array(3);
    for (let k = 0; k < 2000; k++) {
      const face = k % 12;
      // every fourth place within a few cells of a corner
      const [x, y] = [0, 1].map(() => {
        const part = random.uniform();
        return k % 4 === 0 ? (part < 0.5 ? 8 * part : nside - 8 * (1 - part)) : nside * part;
      });
      placeToUnit(face, x, y, nside, v);
      expect(Math.hypot(v[0], v[1], v[2])).toBeCloseTo(1, 12);
      const found = unitToPlace(v[0], v[1], v[2], nside);
      expect(found.face).toBe(face);
      expect(Math.abs(found.x - x)).toBeLessThan(1e-4);
      expect(Math.abs(found.y - y)).toBeLessThan(1e-4);
    }
  });

  it('numbers cells by interleaved bits, and their areas are those of the sphere', () => {
    expect(cellNumber(2, 5, 3, 0)).toBe(5 * 16 + 0b0101);
    expect(cellNumber(2, 5, 0, 3)).toBe(5 * 16 + 0b1010);
    for (const number of [0, 7, 12 * 4 ** 12 - 1, 123_456_789]) {
      const { face, ix, iy } = cellPlace(12, number);
      expect(cellNumber(12, face, ix, iy)).toBe(number);
    }
    const perSphere = 4 * Math.PI * (180 / Math.PI) ** 2;
    expect((cellSideArcsec(3) / 3600) ** 2 * 768).toBeCloseTo(perSphere, 6);
    const [ra, dec] = skyPosition(placeOf(3, 0, 0, 0) as unknown as readonly [number, number, number]);
    expect([ra, dec]).toEqual([45, 0]);
  });
});

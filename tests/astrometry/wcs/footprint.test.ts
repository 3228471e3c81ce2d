// Outlines, middles and bounds, with the cases that break naive code: wrap, poles, bulging edges.
import { describe, expect, it } from 'vitest';
import { centroid, footprint, skyBounds } from '../../../src/astrometry/wcs/footprint.js';
import { parseWcs } from '../../../src/astrometry/wcs/parse-wcs.js';
import {
  angularSeparationDeg,
  meanDirection,
  skyPosition,
  unitVector,
} from '../../../src/astrometry/wcs/sphere.js';
import { makeTanWcs } from '../../../src/astrometry/wcs/tan-wcs.js';
import { tangentPlane } from '../../../src/astrometry/wcs/tangent-plane.js';
import { headerOf } from './header-text.js';

const SCALE = 0.01;
const image = (ra: number, dec: number, nx = 100, ny = 60) =>
  makeTanWcs({
    crval: [ra, dec],
    crpix: [(nx + 1) / 2, (ny + 1) / 2],
    cd: [-SCALE, 0, 0, SCALE],
    shape: [nx, ny],
  });

describe('footprint', () => {
  it('runs along the outer edges of the border pixels and closes', () => {
    const wcs = image(100, 10);
    const outline = footprint(wcs, 100, 60, 2);
    expect(outline).toHaveLength(9);
    expect(outline[0]).toEqual(wcs.pixelToSky(0.5, 0.5));
    expect(outline[1]).toEqual(wcs.pixelToSky(50.5, 0.5));
    expect(outline[4]).toEqual(wcs.pixelToSky(100.5, 60.5));
    expect(outline[8]).toEqual(outline[0]);
  });

  it('leaves out what lies outside the projection', () => {
    const cards = { CTYPE1: 'RA---SIN', CTYPE2: 'DEC--SIN', CDELT1: -1, CDELT2: 1, CRPIX1: 100, CRPIX2: 100 };
    expect(footprint(parseWcs(headerOf(cards)), 200, 200, 4)).toEqual([]);
  });
});

describe('skyBounds', () => {
  it('is plain away from wrap and poles', () => {
    const bounds = skyBounds(footprint(image(100, 0), 100, 60, 8))!;
    expect(bounds.raMin).toBeCloseTo(99.5, 3);
    expect(bounds.raMax).toBeCloseTo(100.5, 3);
    expect(bounds.raWidthDeg).toBeCloseTo(1, 3);
    expect(bounds.decMin).toBeCloseTo(-0.3, 3);
    expect(bounds.pole).toBeNull();
  });

  it('crosses RA 0', () => {
    const bounds = skyBounds(footprint(image(0.1, 30), 100, 60, 8))!;
    expect(bounds.raMin).toBeGreaterThan(359);
    expect(bounds.raMax).toBeLessThan(1);
    expect(bounds.raWidthDeg).toBeCloseTo(1 / Math.cos((30.3 * Math.PI) / 180), 2);
  });

  it.each([90, -90, 89.8, -89.8])('holds a pole at Dec %d', (dec) => {
    const bounds = skyBounds(footprint(image(200, dec), 100, 60, 4))!;
    expect(bounds.pole).toBe(dec > 0 ? 'north' : 'south');
    expect(bounds.raWidthDeg).toBe(360);
    expect(dec > 0 ? bounds.decMax : -bounds.decMin).toBe(90);
  });

  it('sees the bulge of an edge between its corners', () => {
    const wcs = image(100, 60, 1000, 600);
    const corners = skyBounds(footprint(wcs, 1000, 600, 1))!;
    const top = wcs.pixelToSky(500.5, 600.5)![1];
    expect(wcs.pixelToSky(0.5, 600.5)![1]).toBeLessThan(top - 0.1);
    expect(corners.decMax).toBeCloseTo(top, 9);
  });

  it('of nothing is null', () => expect(skyBounds([])).toBeNull());
});

describe('sphere', () => {
  it('separations are exact from micro-arcseconds to the antipode', () => {
    expect(angularSeparationDeg(10, 20, 10, 20 + 1e-10) / 1e-10).toBeCloseTo(1, 3);
    expect(angularSeparationDeg(10, 20, 190, -20)).toBeCloseTo(180, 9);
    expect(angularSeparationDeg(0, 89, 180, 89)).toBeCloseTo(2, 12);
    expect(angularSeparationDeg(359.5, 0, 0.5, 0)).toBeCloseTo(1, 12);
  });

  it('means do not mind the wrap, and opposite directions have none', () => {
    expect(
      centroid([
        [359, 10],
        [1, 10],
      ])![0],
    ).toBeCloseTo(0, 9);
    expect(
      centroid([
        [0, 0],
        [180, 0],
      ]),
    ).toBeNull();
    expect(meanDirection([])).toBeNull();
    expect(skyPosition(unitVector(-30, 45))[0]).toBeCloseTo(330, 12);
  });
});

describe('tangentPlane', () => {
  it.each([
    [100, 10],
    [0, 90],
    [30, -90],
    [359.99, -45],
  ])('about %d, %d equals the TAN WCS there', (ra, dec) => {
    const plane = tangentPlane(ra, dec);
    const wcs = makeTanWcs({ crval: [ra, dec], crpix: [0, 0], cd: [1, 0, 0, 1] });
    for (const [xi, eta] of [
      [0, 0],
      [0.3, -0.4],
      [-20, 30],
    ]) {
      const sky = plane.deproject(xi, eta);
      expect(angularSeparationDeg(...sky, ...wcs.pixelToSky(xi, eta)!)).toBeLessThan(1e-12);
      const back = plane.project(...sky)!;
      expect(Math.hypot(back[0] - xi, back[1] - eta)).toBeLessThan(1e-11);
    }
    expect(plane.project((ra + 180) % 360, -dec)).toBeNull();
  });
});

describe('pixelScaleArcsec', () => {
  it('is local: a TAN pixel shrinks on the sky away from the tangent point', () => {
    const wcs = image(100, 10);
    const far = 3000;
    const r = (far * SCALE * Math.PI) / 180;
    const expected = SCALE * 3600 * (1 + r * r) ** -0.75;
    expect(wcs.pixelScaleArcsec(50.5 + far, 30.5) / expected).toBeCloseTo(1, 6);
    expect(wcs.pixelScaleArcsec()).toBeCloseTo(36, 6);
  });
});

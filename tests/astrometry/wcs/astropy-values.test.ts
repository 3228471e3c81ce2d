// Random headers of every projection against frozen values of astropy/wcslib (tests/fixtures/wcs/make-astropy-values.py).
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { angularSeparationDeg } from '../../../src/astrometry/wcs/sphere.js';
import { parseWcs } from '../../../src/astrometry/wcs/parse-wcs.js';
import { PROJECTION_CODES } from '../../../src/astrometry/wcs/projections/registry.js';
import { wcsCards } from '../../../src/astrometry/wcs/wcs-cards.js';
import { headerOf } from './header-text.js';

interface Case {
  name: string;
  header: Record<string, string | number>;
  pixels: [number, number, number | null, number | null][];
  skies: [number, number, number | null, number | null][];
}

const file = path.resolve(import.meta.dirname, '../../fixtures/wcs/astropy-values.json');
const cases = JSON.parse(readFileSync(file, 'utf8')) as Case[];

/** wcslib evaluates the polynomials of CSC in single precision, and they are not inverse to each other. */
const isCsc = (name: string): boolean => name.startsWith('CSC');

describe('values of astropy', () => {
  it('cover every projection', () => {
    const covered = new Set(cases.map((c) => c.name.split(' ')[0]));
    expect(PROJECTION_CODES.filter((code) => !covered.has(code))).toEqual([]);
  });

  it.each(cases.map((c) => [c.name, c] as const))('%s', (name, { header, pixels, skies }) => {
    const wcs = parseWcs(headerOf(header));
    const swap = wcs.describe().latitudeFirst;
    for (const [x, y, c1, c2] of pixels) {
      const sky = wcs.pixelToSky(x, y);
      if (c1 === null || c2 === null) {
        expect(sky, `pixel ${x}, ${y}`).toBeNull();
        continue;
      }
      const [lon, lat] = swap ? [c2, c1] : [c1, c2];
      expect(sky, `pixel ${x}, ${y}`).not.toBeNull();
      expect(angularSeparationDeg(...sky!, lon, lat), `pixel ${x}, ${y}`).toBeLessThan(
        isCsc(name) ? 2e-5 : 1e-9,
      );
      const back = wcs.skyToPixel(...sky!);
      expect(back).not.toBeNull();
      // On the sky, since maps of the whole sky may show a place twice.
      const again = wcs.pixelToSky(...back!);
      const tolerancePx = isCsc(name) ? 0.1 : 1e-6;
      const separationPx = (angularSeparationDeg(...again!, ...sky!) * 3600) / wcs.pixelScaleArcsec();
      expect(separationPx, `round trip of ${x}, ${y}`).toBeLessThan(tolerancePx);
    }
    const cards = Object.fromEntries(wcsCards(wcs).map((card) => [card.key, card.value]));
    const reread = parseWcs(headerOf(cards));
    for (const [x, y] of pixels) {
      const sky = wcs.pixelToSky(x, y);
      if (sky === null) continue;
      expect(angularSeparationDeg(...reread.pixelToSky(x, y)!, ...sky), `cards ${x}, ${y}`).toBeLessThan(
        1e-9,
      );
    }
    for (const [c1, c2, x, y] of skies) {
      const pixel = wcs.skyToPixel(...((swap ? [c2, c1] : [c1, c2]) as [number, number]));
      if (x === null || y === null) {
        expect(pixel, `sky ${c1}, ${c2}`).toBeNull();
        continue;
      }
      expect(pixel, `sky ${c1}, ${c2}`).not.toBeNull();
      const relative = Math.hypot(pixel![0] - x, pixel![1] - y) / (1 + Math.hypot(x, y));
      expect(relative, `sky ${c1}, ${c2}`).toBeLessThan(isCsc(name) ? 1e-6 : 1e-9);
    }
  });
});

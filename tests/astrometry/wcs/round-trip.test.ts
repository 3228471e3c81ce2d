// Properties: pixel -> sky -> pixel is the identity for random headers, also at poles and across the wrap.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { angularSeparationDeg } from '../../../src/astrometry/wcs/sphere.js';
import { asIcrs } from '../../../src/astrometry/wcs/as-icrs.js';
import type { CelestialWcs } from '../../../src/astrometry/wcs/celestial-wcs.js';
import { parseWcs } from '../../../src/astrometry/wcs/parse-wcs.js';
import { makeTanWcs } from '../../../src/astrometry/wcs/tan-wcs.js';
import { wcsCards } from '../../../src/astrometry/wcs/wcs-cards.js';
import { headerOf } from './header-text.js';

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const latitude = fc.oneof(fc.constantFrom(-90, 90, 0, 89.9999999, -89.9999999), number(-90, 90));
const longitude = fc.oneof(fc.constantFrom(0, 360, 180, 359.9999999), number(0, 360));
const zenithal = fc.constantFrom('TAN', 'SIN', 'ARC', 'ZEA', 'STG', 'AIR');

/** An image of 2000 x 2000 pixels of 0.3 to 30 arcsec, any rotation, either parity. */
const image = fc.record({
  code: zenithal,
  lon: longitude,
  lat: latitude,
  angle: number(0, 2 * Math.PI),
  logScale: number(-4, -2),
  parity: fc.constantFrom(-1, 1),
});

function headerFor(p: {
  code: string;
  lon: number;
  lat: number;
  angle: number;
  logScale: number;
  parity: number;
}): Record<string, string | number> {
  const s = 10 ** p.logScale;
  return {
    CTYPE1: `RA---${p.code}`,
    CTYPE2: `DEC--${p.code}`,
    CRVAL1: p.lon,
    CRVAL2: p.lat,
    CRPIX1: 1000.5,
    CRPIX2: 1000.5,
    CD1_1: p.parity * s * Math.cos(p.angle),
    CD1_2: -s * Math.sin(p.angle),
    CD2_1: p.parity * s * Math.sin(p.angle),
    CD2_2: s * Math.cos(p.angle),
  };
}

function expectIdentity(wcs: CelestialWcs, x: number, y: number): void {
  const sky = wcs.pixelToSky(x, y);
  expect(sky).not.toBeNull();
  expect(sky![0]).toBeGreaterThanOrEqual(0);
  expect(sky![0]).toBeLessThan(360);
  expect(Math.abs(sky![1])).toBeLessThanOrEqual(90);
  const pixel = wcs.skyToPixel(...sky!);
  expect(pixel).not.toBeNull();
  expect(Math.hypot(pixel![0] - x, pixel![1] - y)).toBeLessThan(1e-6);
}

const pixel = number(0.5, 2000.5);

describe('round trips', () => {
  it('hold for zenithal headers anywhere on the sky', () => {
    fc.assert(
      fc.property(image, pixel, pixel, (p, x, y) => expectIdentity(parseWcs(headerOf(headerFor(p))), x, y)),
      { numRuns: 500 },
    );
  });

  it('hold with SIP, with and without a rough inverse in the header', () => {
    const c2 = number(-2e-5, 2e-5);
    const c3 = number(-5e-9, 5e-9);
    fc.assert(
      fc.property(
        image,
        fc.array(c2, { minLength: 6, maxLength: 6 }),
        fc.array(c3, { minLength: 4, maxLength: 4 }),
        fc.boolean(),
        pixel,
        pixel,
        (p, q, c, rough, x, y) => {
          const h: Record<string, string | number> = {
            ...headerFor({ ...p, code: 'TAN' }),
            CTYPE1: 'RA---TAN-SIP',
            CTYPE2: 'DEC--TAN-SIP',
          };
          Object.assign(h, {
            A_ORDER: 3,
            B_ORDER: 3,
            A_2_0: q[0],
            A_1_1: q[1],
            A_0_2: q[2],
            B_2_0: q[3],
            B_1_1: q[4],
            B_0_2: q[5],
          });
          Object.assign(h, { A_3_0: c[0], A_1_2: c[1], B_0_3: c[2], B_2_1: c[3] });
          // An inverse that is wrong by half: it may not spoil the result.
          if (rough) Object.assign(h, { AP_ORDER: 2, BP_ORDER: 2, AP_2_0: -q[0] / 2, BP_0_2: -q[5] / 2 });
          expectIdentity(parseWcs(headerOf(h)), x, y);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('hold in batches, which equal the single calls', () => {
    fc.assert(
      fc.property(image, fc.array(fc.tuple(pixel, pixel), { minLength: 1, maxLength: 20 }), (p, pixels) => {
        const wcs = parseWcs(headerOf(headerFor(p)));
        const x = Float64Array.from(pixels, (q) => q[0]);
        const y = Float64Array.from(pixels, (q) => q[1]);
        const [ra, dec] = [new Float64Array(x.length), new Float64Array(x.length)];
        wcs.pixelToSkyBatch(x, y, ra, dec);
        pixels.forEach((q, i) => expect([ra[i], dec[i]]).toEqual(wcs.pixelToSky(...q)));
        wcs.skyToPixelBatch(ra, dec, ra, dec);
        for (let i = 0; i < x.length; i += 1)
          expect(Math.hypot(ra[i] - x[i], dec[i] - y[i])).toBeLessThan(1e-6);
      }),
    );
  });

  it('hold through the cards: the same transform is read back', () => {
    fc.assert(
      fc.property(image, pixel, pixel, (p, x, y) => {
        const wcs = parseWcs(headerOf(headerFor(p)));
        const cards = Object.fromEntries(wcsCards(wcs).map((card) => [card.key, card.value]));
        expect(parseWcs(headerOf(cards)).pixelToSky(x, y)).toEqual(wcs.pixelToSky(x, y));
      }),
    );
  });

  it('hold in ICRS for galactic headers, and the cards of that view say the same', () => {
    fc.assert(
      fc.property(image, pixel, pixel, (p, x, y) => {
        const h = { ...headerFor(p), CTYPE1: `GLON-${p.code}`, CTYPE2: `GLAT-${p.code}` };
        const wcs = asIcrs(parseWcs(headerOf(h)));
        expectIdentity(wcs, x, y);
        const cards = Object.fromEntries(wcsCards(wcs).map((card) => [card.key, card.value]));
        const again = parseWcs(headerOf(cards)).pixelToSky(x, y);
        expect(angularSeparationDeg(...again!, ...wcs.pixelToSky(x, y)!)).toBeLessThan(1e-9);
      }),
    );
  });

  it('give the pixel scale that the matrix has, at the reference pixel', () => {
    fc.assert(
      fc.property(image, (p) => {
        const scale = parseWcs(headerOf(headerFor(p))).pixelScaleArcsec();
        expect(scale / (10 ** p.logScale * 3600)).toBeCloseTo(1, 6);
      }),
    );
  });

  it('makeTanWcs equals the header that says the same', () => {
    fc.assert(
      fc.property(image, pixel, pixel, (p, x, y) => {
        const h = headerFor({ ...p, code: 'TAN' });
        const made = makeTanWcs({
          crval: [p.lon, p.lat],
          crpix: [1000.5, 1000.5],
          cd: [h.CD1_1, h.CD1_2, h.CD2_1, h.CD2_2] as [number, number, number, number],
        });
        // At the north pole the header's own default is LONPOLE 0, not 180.
        expect(made.pixelToSky(x, y)).toEqual(parseWcs(headerOf({ ...h, LONPOLE: 180 })).pixelToSky(x, y));
      }),
    );
  });
});

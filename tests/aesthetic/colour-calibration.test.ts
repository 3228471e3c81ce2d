import { describe, expect, test } from 'vitest';
import { allocateStars } from '../../src/astrometry/catalogue/catalogue-stars.js';
import { makeTanWcs } from '../../src/astrometry/wcs/tan-wcs.js';
import { unitVector } from '../../src/astrometry/wcs/sphere.js';
import {
  calibrateColours,
  measureColourStars,
  type ColourStar,
} from '../../src/aesthetic/colour-calibration.js';
import { robustLine } from '../../src/aesthetic/robust-line.js';
import { johnsonColour, SUN_BT_VT } from '../../src/aesthetic/solar-white.js';
import { randomStream } from '../../src/demo/random.js';
import { arraySource } from '../../src/output/sources/plane-source.js';

/** What a camera with responses R, 1, B shows of a star: colour terms, and the response at the Sun's colour. */
const RESPONSE = { red: 0.7, blue: 0.55, redTerm: 0.12, blueTerm: -0.2 };

function lightOf(colour: number, green: number): number[] {
  const off = colour - SUN_BT_VT;
  return [
    green * RESPONSE.red * 10 ** (RESPONSE.redTerm * off),
    green,
    green * RESPONSE.blue * 10 ** (RESPONSE.blueTerm * off),
  ];
}

function stars(count: number, scatter: number): ColourStar[] {
  const random = randomStream(3);
  return Array.from({ length: count }, () => {
    const [colour, vt] = [random.between(0.1, 1.5), random.between(8, 11)];
    const flux = lightOf(colour, 10 ** (-0.4 * (vt - 16))).map((v) => v * 10 ** (scatter * random.normal()));
    return { colour, vt, flux };
  });
}

test('the Sun is white at BT - VT 0.711, where the relation of dwarfs gives its B - V', () => {
  expect(johnsonColour(SUN_BT_VT)).toBeCloseTo(0.653, 10);
  expect(SUN_BT_VT).toBeCloseTo(0.7105, 3);
});

test('a line is found among points of which a quarter is wrong', () => {
  const random = randomStream(8);
  const x = Array.from({ length: 80 }, () => random.between(0, 1.5));
  const y = x.map((v, k) => 0.3 - 0.2 * v + 0.01 * random.normal() + (k % 4 === 0 ? 0.5 : 0));
  const line = robustLine(x, y, 0.7);
  expect(line.slope).toBeCloseTo(-0.2, 1);
  expect(Math.abs(line.level - 0.16)).toBeLessThan(0.006);
  expect(line.points).toBeLessThanOrEqual(60);
});

describe('calibrateColours', () => {
  test('gains undo the response at the colour of the Sun, whatever the colours of the field', () => {
    const reddish = stars(60, 0.02).filter(({ colour }) => colour > 0.6);
    const fit = calibrateColours(reddish)!;
    expect(fit.gains[0] * RESPONSE.red).toBeCloseTo(1, 1.5);
    expect(fit.gains[1]).toBe(1);
    expect(fit.gains[2] * RESPONSE.blue).toBeCloseTo(1, 1.5);
    expect(fit.red.slope).toBeCloseTo(RESPONSE.redTerm, 1);
    expect(fit.blue.slope).toBeCloseTo(RESPONSE.blueTerm, 1);
  });

  test('burnt-out stars, all white and too faint for their magnitude, have no say', () => {
    const good = stars(40, 0.005);
    const burnt = Array.from({ length: 15 }, (_, k) => ({
      colour: 0.5,
      vt: 5 + k / 10,
      flux: [6e4, 6e4, 6e4],
    }));
    const fit = calibrateColours([...good, ...burnt])!;
    expect(fit.stars).toBe(40);
    expect(Math.abs(fit.gains[0] * RESPONSE.red - 1)).toBeLessThan(0.01);
  });

  test('eleven stars are too few, and what is no response is none', () => {
    expect(calibrateColours(stars(11, 0.01))).toBeUndefined();
    const narrow = stars(40, 0.01).map((star) => ({
      ...star,
      flux: [star.flux[0], star.flux[1], star.flux[2] / 50],
    }));
    expect(calibrateColours(narrow)).toBeUndefined();
  });
});

test('stars are measured where the catalogue has them; poor ones, those without colour and those that are not there are left out', async () => {
  const [nx, ny] = [200, 160];
  const wcs = makeTanWcs({ crval: [150, 20], crpix: [100, 80], cd: [-1e-3, 0, 0, 1e-3] });
  const planes = [0, 1, 2].map(() => new Float32Array(nx * ny).fill(100));
  const places = [
    [40, 40, 0.5],
    [120, 50, 1.1],
    [60, 110, NaN],
    [150, 110, 0.8],
    [100, 130, 0.9],
  ];
  const catalogue = allocateStars(places.length);
  places.forEach(([x, y, colour], s) => {
    const [ra, dec] = wcs.pixelToSky(x + 1, y + 1)!;
    [catalogue.x[s], catalogue.y[s], catalogue.z[s]] = unitVector(ra, dec);
    catalogue.colour[s] = colour;
    catalogue.vt[s] = 9;
    catalogue.poor[s] = s === 3 ? 1 : 0;
    if (s === 4) return; // the catalogue knows it, the mosaic does not
    const light = lightOf(colour || 0, 5000);
    for (let j = -12; j <= 12; j++)
      for (let i = -12; i <= 12; i++)
        planes.forEach((plane, p) => {
          plane[(y + j) * nx + x + i] += light[p] * Math.exp(-(i * i + j * j) / 4);
        });
  });
  const found = await measureColourStars(arraySource(nx, ny, planes), wcs, catalogue, 3.3);
  expect(found.map(({ colour }) => colour)).toEqual([0.5, 1.1].map(Math.fround));
  for (const { colour, flux } of found) {
    const light = lightOf(colour, 5000);
    expect(flux[0] / flux[1]).toBeCloseTo(light[0] / light[1], 3);
    expect(flux[2] / flux[1]).toBeCloseTo(light[2] / light[1], 3);
  }
});

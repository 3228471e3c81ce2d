import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { detectStars } from '../../../src/astrometry/stars/detect-stars.js';
import type { StarList } from '../../../src/astrometry/stars/star-list.js';
import { openFits } from '../../../src/fits/open-fits.js';
import { readWindow } from '../../../src/fits/read/read-window.js';
import type { CfaSites } from '../../../src/photometry/background/background-mesh.js';
import { medianOf } from '../../../src/photometry/mesh-repair.js';
import { measureBackground } from '../../photometry/background/measure-background.js';
import { describeWithShared, sharedDir } from '../../helpers/shared-data.js';
import { gaussian, randomNumbers } from '../solver/synthetic-field.js';
import { drawFrame, scatteredStars, type DrawnStar } from './draw-frame.js';

const SIZE = { width: 512, height: 384 };
const RGGB: CfaSites = [0, 1, 1, 2];
const GRBG: CfaSites = [1, 0, 2, 1];
const BGGR: CfaSites = [2, 1, 1, 0];
const GBRG: CfaSites = [1, 2, 0, 1];

/** Detected index of each drawn star within a pixel and a half, -1 where there is none. */
function found(stars: readonly DrawnStar[], list: StarList): number[] {
  return stars.map(({ x, y }) => {
    for (let k = 0; k < list.count; k++) if (Math.hypot(list.x[k] - x, list.y[k] - y) < 1.5) return k;
    return -1;
  });
}

/** Mean and rms of the centroid errors of the drawn stars, all of which must be found. */
function centroidErrors(stars: readonly DrawnStar[], list: StarList) {
  const at = found(stars, list);
  expect(at.filter((k) => k < 0)).toEqual([]);
  const dx = at.map((k, i) => list.x[k] - stars[i].x);
  const dy = at.map((k, i) => list.y[k] - stars[i].y);
  const mean = (v: number[]) => v.reduce((s, a) => s + a, 0) / v.length;
  return {
    bias: Math.max(Math.abs(mean(dx)), Math.abs(mean(dy))),
    rms: Math.sqrt(mean([...dx, ...dy].map((d) => d * d))),
  };
}

describe('centroids', () => {
  it('of mono frames are unbiased', () => {
    const stars = scatteredStars(SIZE.width, SIZE.height, 32, () => ({ flux: [6000, 0, 0] }));
    const { bias, rms } = centroidErrors(stars, detectStars(drawFrame(stars, SIZE)));
    expect(bias).toBeLessThan(0.01);
    expect(rms).toBeLessThan(0.04);
  });

  it.each([
    ['RGGB', RGGB],
    ['GRBG', GRBG],
    ['BGGR', BGGR],
    ['GBRG', GBRG],
  ])('of %s frames are unbiased, whatever the colours of the stars', (_, cfa) => {
    const colours = [
      [30000, 12000, 3000],
      [3000, 12000, 30000],
      [15000, 15000, 15000],
      [60000, 100, 100],
    ] as const;
    const stars = scatteredStars(SIZE.width, SIZE.height, 32, (random) => ({
      flux: colours[Math.floor(4 * random())],
    }));
    const { bias, rms } = centroidErrors(stars, detectStars(drawFrame(stars, { ...SIZE, cfa })));
    expect(bias).toBeLessThan(0.02);
    expect(rms).toBeLessThan(0.06);
  });
});

describe('measures', () => {
  const stars = scatteredStars(SIZE.width, SIZE.height, 40, () => ({ flux: [20000, 20000, 20000] }));

  it.each([2.2, 3, 4.5, 8])('FWHM %f is measured within 6 percent, on mono and CFA', (fwhm) => {
    const wide = stars.map((star) => ({ ...star, fwhm }));
    for (const cfa of [undefined, GRBG]) {
      const { medianFwhm, medianEllipticity } = detectStars(drawFrame(wide, { ...SIZE, cfa, noise: 2 }));
      expect(medianFwhm / fwhm).toBeGreaterThan(0.94);
      expect(medianFwhm / fwhm).toBeLessThan(1.06);
      expect(medianEllipticity).toBeLessThan(0.12);
    }
  });

  it('ellipticity is 1 - minor / major', () => {
    const long = stars.map((star) => ({ ...star, fwhm: 4, stretch: 1.6, angle: 0.6 }));
    expect(detectStars(drawFrame(long, { ...SIZE, noise: 2 })).medianEllipticity).toBeCloseTo(1 - 1 / 1.6, 1);
  });

  it('channel fluxes have the ratios of the star, at full density', () => {
    const red = stars.map((star) => ({ ...star, flux: [40000, 20000, 10000] as const }));
    const list = detectStars(drawFrame(red, { ...SIZE, cfa: RGGB, noise: 1 }));
    const sum = (c: number) => list.channelFlux[c].reduce((s, f) => s + f, 0) / list.count;
    expect(sum(0) / sum(1)).toBeCloseTo(2, 1);
    expect(sum(2) / sum(1)).toBeCloseTo(0.5, 1);
    // an aperture of 1.2 FWHM, with its soft edge, holds nearly all of a Gaussian
    expect(sum(0)).toBeGreaterThan(0.95 * 40000);
    expect(sum(0)).toBeLessThan(1.02 * 40000);
  });

  it.each([
    [undefined, 3, 1.25],
    [undefined, 4.5, 1.6],
    [GRBG, 3, 1.4],
    [GRBG, 4, 1.6],
  ])('fluxes on a CFA of %s, FWHM %f, are the same where stars are drawn out by %f', (cfa, fwhm, stretch) => {
    const bright = scatteredStars(SIZE.width, SIZE.height, 64, () => ({ flux: [60000, 60000, 60000] }));
    const median = (shape: Partial<DrawnStar>) => {
      const drawn = bright.map((star) => ({ ...star, fwhm, exponent: 3, ...shape }));
      return medianOf(detectStars(drawFrame(drawn, { ...SIZE, cfa, noise: 2 })).flux.slice());
    };
    const round = median({});
    // 0.4 to 1.8 % are missing in an aperture of the same size
    for (const angle of [0.3, 1.7])
      expect(Math.abs(median({ stretch, angle }) / round - 1)).toBeLessThan(0.0015);
  });

  it('stars come brightest first, saturated ones are told', () => {
    const two: DrawnStar[] = [
      { x: 100, y: 100, flux: [20000, 0, 0] },
      { x: 300, y: 200, flux: [400000, 0, 0] },
    ];
    const list = detectStars(drawFrame(two, { ...SIZE, saturation: 4000 }));
    expect(list.count).toBe(2);
    expect(list.x[0]).toBeCloseTo(300, 0);
    expect([...list.saturated]).toEqual([1, 0]);
  });
});

describe('what is no star', () => {
  const stars = scatteredStars(SIZE.width, SIZE.height, 64, () => ({ flux: [20000, 20000, 20000] }));

  it.each([
    ['mono', undefined],
    ['CFA', RGGB],
  ])('noise alone and hot samples give nothing, %s', (_, cfa) => {
    const spoil = (data: Float32Array) => {
      for (let k = 1000; k < data.length; k += 3001) data[k] += 900;
    };
    const list = detectStars(drawFrame(stars, { ...SIZE, cfa, spoil }));
    expect(found(stars, list).filter((k) => k < 0)).toEqual([]);
    expect(list.count).toBe(stars.length);
  });

  it('a satellite trail gives no star, and spoils no star away from it', () => {
    const spoil = (data: Float32Array) => {
      for (let i = 0; i < 3 * SIZE.width; i++) {
        const x = i / 3;
        const y = 20.3 + 0.61 * x;
        for (let d = -4; d <= 4; d++) {
          const j = Math.round(y) + d;
          if (j < SIZE.height) data[j * SIZE.width + Math.floor(x)] += 130 * Math.exp(-0.5 * (j - y) ** 2);
        }
      }
    };
    const list = detectStars(drawFrame(stars, { ...SIZE, spoil }));
    const near = (x: number, y: number) => Math.abs(y - 21.3 - 0.61 * x) < 12;
    const away = stars.filter(({ x, y }) => !near(x, y));
    expect(found(away, list).filter((k) => k < 0)).toEqual([]);
    expect(list.count).toBeLessThan(stars.length + 5);
  });

  it.each([
    ['one trail', [0.9]],
    ['two that cross', [0.9, -1.3]],
  ])(
    '%s of more pieces than the field has stars is none of them, and does not say how wide they are',
    (_, slopes) => {
      const size = { width: 640, height: 900 };
      const few = scatteredStars(size.width, size.height, 190, (random) => {
        const light = 3000 * 10 ** (1.5 * random());
        return { flux: [light, light, light] };
      });
      const line = (slope: number, x: number) => 450.3 + slope * (x - 320.2);
      const spoil = (data: Float32Array) => {
        const random = randomNumbers(11);
        for (const slope of slopes) {
          for (let j = 0; j < size.height; j++) {
            for (let i = 0; i < size.width; i++) {
              const d = (j - line(slope, i)) / Math.hypot(1, slope);
              const light = 150 * Math.exp(-0.5 * (d / 1.4) ** 2);
              if (light > 0.1) data[j * size.width + i] += light + 2 * Math.sqrt(light) * gaussian(random);
            }
          }
        }
      };
      const list = detectStars(drawFrame(few, { ...size, cfa: GRBG, spoil }));
      const away = few.filter(({ x, y }) =>
        slopes.every((slope) => Math.abs(y - 1 - line(slope, x - 1)) / Math.hypot(1, slope) > 12),
      );
      expect(away.length).toBeGreaterThan(6);
      expect(found(away, list).filter((k) => k < 0)).toEqual([]);
      expect(list.medianFwhm).toBeGreaterThan(2.7);
      expect(list.medianFwhm).toBeLessThan(3.5);
      expect(list.count).toBeLessThan(few.length + 6);
    },
  );

  it('a frame of noise has no stars', () => {
    expect(detectStars(drawFrame([], SIZE)).count).toBeLessThan(2);
  });

  it('blank samples are no edges', () => {
    const spoil = (data: Float32Array) => {
      for (let k = 0; k < data.length; k++) if (k % SIZE.width < 90) data[k] = NaN;
    };
    const list = detectStars(drawFrame(stars, { ...SIZE, spoil }));
    const [partly, wholly] = [88, 96].map((edge) => stars.filter(({ x }) => x > edge));
    expect(found(wholly, list).filter((k) => k < 0)).toEqual([]);
    expect(list.count).toBeLessThanOrEqual(partly.length);
  });
});

it('two stars 6 pixels apart are two, a star on the wing of a bright one is not made up', () => {
  const pair: DrawnStar[] = [
    { x: 100.3, y: 100.2, flux: [20000, 0, 0] },
    { x: 106.1, y: 101.1, flux: [12000, 0, 0] },
    { x: 300, y: 200, flux: [3e6, 0, 0], fwhm: 4 },
  ];
  const list = detectStars(drawFrame(pair, SIZE));
  expect(list.count).toBe(3);
  expect(found(pair, list).every((k) => k >= 0)).toBe(true);
});

describeWithShared('SExtractor on the same image', () => {
  it('bright isolated sources are found where it has them', async () => {
    const folder = path.join(sharedDir!, 'data/A_sets/sep_detection');
    const fits = await openFits(path.join(folder, 'image.fits'));
    const [height, width] = fits.hdus[0].image!.shape;
    const data = await readWindow(fits, fits.hdus[0], { x0: 0, y0: 0, width, height });
    await fits.close();
    const { grid } = measureBackground([data], { width, height, channels: 1, unit: 1 });
    const list = detectStars({ width, height, planes: [data], grid });
    const rows = readFileSync(path.join(folder, 'image.cat'), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => line.trim().split(/\s+/).map(Number));
    // columns of the catalogue: X_IMAGE 1, XWIN 3, YWIN 4, X2 5, Y2 6, FLUX_APER 12, FLUXERR_APER 13, FLAGS the last
    const point = rows.filter(
      (r) => r.at(-1) === 0 && r[12] > 15 * r[13] && Math.max(r[5], r[6]) < 4 && r[5] / r[6] < 1.6,
    );
    expect(point.length).toBeGreaterThan(8);
    const distances = point.map((r) => {
      let least = Infinity;
      for (let k = 0; k < list.count; k++)
        least = Math.min(least, Math.hypot(list.x[k] - r[3], list.y[k] - r[4]));
      return least;
    });
    expect(distances.filter((d) => d < 0.5).length).toBeGreaterThanOrEqual(0.9 * point.length);
    expect(distances.sort((a, b) => a - b)[point.length >> 1]).toBeLessThan(0.1);
  });
});

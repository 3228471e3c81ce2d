// Frames as bad nights and wrong settings make them, from pixels to an answer: the right place, or a reason.
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { BUILT_IN_CATALOGUE, builtInCatalogue } from '../../src/astrometry/catalogue/built-in-catalogue.js';
import { StarCatalogue } from '../../src/astrometry/catalogue/star-catalogue.js';
import { PlateSolver } from '../../src/astrometry/solver/search/plate-solver.js';
import type { SolveHint, SolveResult } from '../../src/astrometry/solver/solve-types.js';
import { detectStars } from '../../src/astrometry/stars/detect-stars.js';
import { angularSeparationDeg, unitVector } from '../../src/astrometry/wcs/sphere.js';
import { makeTanWcs } from '../../src/astrometry/wcs/tan-wcs.js';
import { drawFrame, type DrawnStar } from './stars/draw-frame.js';

const [WIDTH, HEIGHT, SCALE_ARCSEC] = [640, 480, 6] as const;
const CENTRE = [301.2, 36.4] as const;
const HINT: SolveHint = { pointing: { raDeg: 301.5, decDeg: 36.2 }, scaleArcsec: 6, epoch: 2026 };
const RADIAN = Math.PI / 180;

let catalogue: StarCatalogue;
beforeAll(async () => {
  catalogue = await builtInCatalogue();
});

interface Spoilt {
  readonly shape?: Partial<DrawnStar>;
  readonly mirrored?: boolean;
  /** Share of the light that comes through. */
  readonly transparency?: number;
  /** Stars drawn, brightest first. */
  readonly most?: number;
  readonly spoil?: (data: Float32Array) => void;
}

async function solve(spoilt: Spoilt, hint = HINT, maxRadiusDeg = 5): Promise<SolveResult> {
  const step = SCALE_ARCSEC / 3600;
  const wcs = makeTanWcs({
    crval: CENTRE,
    crpix: [(WIDTH + 1) / 2, (HEIGHT + 1) / 2],
    cd: [spoilt.mirrored ? step : -step, 0, 0, step],
  });
  const cone = catalogue.cone(unitVector(...CENTRE), 0.8 * RADIAN, { epoch: 2026 });
  const at = new Float64Array(3);
  const stars = Array.from({ length: cone.count }, (_, i) => i)
    .sort((i, j) => cone.vt[i] - cone.vt[j])
    .flatMap((i): DrawnStar[] => {
      if (!wcs.unitToPixel(cone.x[i], cone.y[i], cone.z[i], at)) return [];
      if (at[0] < 1 || at[1] < 1 || at[0] > WIDTH || at[1] > HEIGHT) return [];
      const light = 3e4 * 10 ** (-0.4 * (cone.vt[i] - 11)) * (spoilt.transparency ?? 1);
      return [{ x: at[0], y: at[1], flux: [light, light, light], fwhm: 3, ...spoilt.shape }];
    })
    .slice(0, spoilt.most);
  const frame = drawFrame(stars, {
    width: WIDTH,
    height: HEIGHT,
    noise: 8,
    saturation: 60_000,
    spoil: spoilt.spoil,
  });
  const { count, x, y } = detectStars(frame);
  const image = { width: WIDTH, height: HEIGHT, stars: { count, x, y } };
  return new PlateSolver(catalogue).solve(image, hint, { budgetMs: 60_000, maxRadiusDeg });
}

/** A disc brighter than anything, with a soft limb, and its light all around. */
const disc = (radius: number, peak: number) => (data: Float32Array) => {
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const r = Math.hypot(x - 300, y - 250);
      const light = r < radius ? peak * Math.sqrt(1 - (r / radius) ** 2 / 2) : 0;
      data[y * WIDTH + x] = Math.min(
        60_000,
        data[y * WIDTH + x] + light + (peak / 50) * (radius / (radius + r)) ** 2,
      );
    }
  }
};

describe('solved where they are', () => {
  it.each<[string, Spoilt, SolveHint?]>([
    ['mirrored', { mirrored: true }],
    ['trailed', { shape: { fwhm: 6, stretch: 6, angle: 0.5 } }],
    ['trailed over 60 pixels', { shape: { fwhm: 12, stretch: 30, angle: 0.5 } }],
    ['out of focus', { shape: { fwhm: 10 } }],
    ['behind clouds that let a tenth through', { transparency: 0.1 }],
    ['beside a planet', { spoil: disc(25, 50_000) }],
    ['with a pointing 4 degrees off', {}, { ...HINT, pointing: { raDeg: 305, decDeg: 33.5 } }],
    ['with a focal length of half the truth', {}, { ...HINT, scaleArcsec: 12 }],
    ['with an epoch that cannot be', {}, { ...HINT, epoch: 1975 }],
  ])('%s', async (_, spoilt, hint) => {
    const result = await solve(spoilt, hint);
    if (!result.solved) throw new Error(result.reason.code);
    const offset = 3600 * angularSeparationDeg(...result.centre, ...CENTRE);
    expect(offset).toBeLessThan(0.5 * SCALE_ARCSEC);
    expect(result.parity).toBe(spoilt.mirrored ? 1 : -1);
  });
});

describe('refused with a reason', () => {
  it.each<[string, Spoilt, string]>([
    ['six stars, all of them real', { most: 8 }, 'solve_reject_no_match'],
    ['four', { most: 6 }, 'solve_reject_few_stars'],
    ['clouds', { transparency: 3e-4 }, 'solve_reject_few_stars'],
    ['the Moon', { most: 3, spoil: disc(210, 55_000) }, 'solve_reject_few_stars'],
    ['a planet with four moons', { most: 4, spoil: disc(25, 59_000) }, 'solve_reject_few_stars'],
  ])('%s', async (_, spoilt, code) => {
    const result = await solve(spoilt);
    expect(result).toMatchObject({ solved: false, reason: { code } });
  });

  it('everything, by a catalogue without stars', async () => {
    const cells = catalogue.cellCount;
    const bytes = new Uint8Array(64 + 360 + 4 * (cells + 1));
    const whole = await readFile(BUILT_IN_CATALOGUE);
    bytes.set(whole.subarray(0, 64 + 360));
    const view = new DataView(bytes.buffer);
    view.setUint32(16, 0, true);
    view.setUint32(20, 0, true);
    const empty = new StarCatalogue(bytes, 'empty');
    const stars = catalogue.cone(unitVector(...CENTRE), 0.5 * RADIAN);
    const image = {
      width: WIDTH,
      height: HEIGHT,
      stars: {
        count: stars.count,
        x: stars.x.map((v) => 320 + 9e3 * v),
        y: stars.y.map((v) => 240 + 9e3 * v),
      },
    };
    const result = await new PlateSolver(empty).solve(image, HINT, { budgetMs: 60_000, maxRadiusDeg: 10 });
    expect(result).toMatchObject({ solved: false, reason: { code: 'solve_reject_no_match' } });
  });
});

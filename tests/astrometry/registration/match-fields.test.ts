// Two frames show the same stars, or not: a false match would put a frame where it is not.
import { describe, expect, it } from 'vitest';
import { MatchField } from '../../../src/astrometry/registration/match-field.js';
import { matchFields } from '../../../src/astrometry/registration/match-fields.js';
import { applied } from '../../../src/astrometry/registration/plane-map.js';
import type { SolveImage } from '../../../src/astrometry/solver/solve-types.js';
import { detectStars } from '../../../src/astrometry/stars/detect-stars.js';
import { drawFrame, type DrawnStar } from '../stars/draw-frame.js';
import { randomField, randomNumbers } from '../solver/synthetic-field.js';
import { flatSky, HEIGHT, imageOf, mingled, pixelOf, view, WIDTH, type View } from './views.js';

const match = (from: SolveImage, to: SolveImage) => matchFields(new MatchField(from), new MatchField(to));

/** Largest distance, over points of the overlap, of where the match puts the sky from where it is. */
function worstPx(found: NonNullable<ReturnType<typeof match>>, from: View, to: View): number {
  const points = Array.from({ length: 81 }, (_, k) => ({
    x: ((k % 9) - 4) * 100 + (from.at?.[0] ?? 0) / 2,
    y: (Math.floor(k / 9) - 4) * 100 + (from.at?.[1] ?? 0) / 2,
  }));
  const middle = [(WIDTH + 1) / 2, (HEIGHT + 1) / 2];
  return Math.max(
    ...points.map((point) => {
      const [x, y] = pixelOf(point, from);
      const [u, v] = pixelOf(point, to);
      const [a, b] = applied(found.fit.map, x - middle[0], y - middle[1]);
      return Math.hypot(a - (u - middle[0]), b - (v - middle[1]));
    }),
  );
}

describe('frames of one sky', () => {
  it.each<[string, View]>([
    ['dithered', { at: [37, -52] }],
    ['turned', { at: [100, 60], angle: 2.1 }],
    ['mirrored', { at: [100, 60], angle: 0.4, mirrored: true }],
    ['of a sister camera, 1 percent off in scale', { scale: 1.01, angle: -1 }],
    ['a quarter of it shared', { at: [600, 1000] }],
    ['clouded: only its brightest stars', { at: [37, -52], most: 30 }],
    [
      'out of focus: centroids of 0.7 px, a third of the stars missing',
      { noisePx: 0.7, missing: 0.33, at: [9, 9] },
    ],
    ['not moved at all', {}],
  ])('%s', (_, options) => {
    const sky = flatSky(3);
    const from = { seed: 2, ...options };
    const found = match(view(sky, from), view(sky))!;
    expect(found.parity).toBe(options.mirrored ? -1 : 1);
    expect(found.shared.length).toBeGreaterThanOrEqual(10);
    expect(worstPx(found, from, {})).toBeLessThan(0.7);
    expect(found.logOdds).toBeGreaterThan(7);
  });

  it('are matched where a cluster holds most of their stars', () => {
    const sky = flatSky(4).map((star, i) => (i % 3 > 0 ? star : { ...star, x: star.x / 40, y: star.y / 40 }));
    const from: View = { at: [40, 25], angle: 0.3, seed: 2 };
    expect(worstPx(match(view(sky, from), view(sky))!, from, {})).toBeLessThan(0.5);
  });
});

describe('what the detection makes of a frame', () => {
  it.each<[string, Partial<DrawnStar>]>([
    ['trailed', { fwhm: 5, stretch: 5, angle: 0.5 }],
    ['out of focus', { fwhm: 9 }],
  ])('that is %s is matched, not shifted', (_, shape) => {
    const sky = flatSky(12);
    const options: View = { at: [37, -52], angle: 0.1, noisePx: 0, missing: 0 };
    const { x, y, count } = view(sky, options).stars;
    const stars = Array.from({ length: count }, (_, i): DrawnStar => {
      const flux = 2e5 / (1 + i / 20);
      return { x: x[i], y: y[i], flux: [flux, flux, flux], ...shape };
    });
    const frame = detectStars(drawFrame(stars, { width: WIDTH, height: HEIGHT }));
    const seen = imageOf(Array.from(frame.x, (at, i) => ({ x: at, y: frame.y[i] })));
    expect(worstPx(match(seen, view(sky))!, options, {})).toBeLessThan(0.3);
  });
});

describe('frames that share no sky are not matched', () => {
  it('random ones', () => {
    const random = randomNumbers(20261125);
    const field = () => new MatchField(randomField(random, WIDTH, HEIGHT, 10 + Math.floor(490 * random())));
    for (let k = 0; k < 60; k++) expect(matchFields(field(), field())).toBeUndefined();
  });

  it('stars of one frame with their rows shuffled', () => {
    const image = view(flatSky(5));
    const { x, y, count } = image.stars;
    const random = randomNumbers(1);
    const rows = Array.from(y, (value) => ({ value, key: random() })).sort((a, b) => a.key - b.key);
    const shuffled = imageOf(Array.from({ length: count }, (_, i) => ({ x: x[i], y: rows[i].value })));
    expect(match(shuffled, image)).toBeUndefined();
    expect(match(image, shuffled)).toBeUndefined();
  });

  it('other skies behind the same hot pixels', () => {
    const defects = view(flatSky(6, 5000, 150), { missing: 0, noisePx: 0 });
    for (const every of [5, 3]) {
      const [one, other] = [7, 8].map((seed) => mingled(view(flatSky(seed)), defects, every));
      expect(match(one, other)).toBeUndefined();
    }
  });

  it('a sky and a cloud behind the same hot pixels', () => {
    const defects = view(flatSky(6, 5000, 150), { missing: 0, noisePx: 0 });
    const { x, y } = defects.stars;
    const cloud = imageOf(Array.from({ length: 8 }, (_, i) => ({ x: x[5 * i], y: y[5 * i] })));
    const more = imageOf(Array.from({ length: 24 }, (_, i) => ({ x: x[5 * i], y: y[5 * i] })));
    for (const alone of [cloud, more])
      expect(match(alone, mingled(view(flatSky(7)), defects, 5))).toBeUndefined();
  });

  it('other clusters of the same size', () => {
    const cluster = (seed: number) =>
      view(
        flatSky(seed).map((star, i) => (i % 3 === 0 ? star : { ...star, x: star.x / 40, y: star.y / 40 })),
      );
    for (let seed = 10; seed < 20; seed++) expect(match(cluster(seed), cluster(seed + 50))).toBeUndefined();
  });
});

describe('frames of one sky whose relation is not certain are not matched', () => {
  it('each star twice, after a jump of the mount', () => {
    const image = view(flatSky(9));
    const { x, y, count } = image.stars;
    const double = imageOf(
      Array.from({ length: 2 * count }, (_, i) => ({
        x: x[i >> 1] + (i & 1) * 31,
        y: y[i >> 1] + (i & 1) * 17,
      })),
    );
    expect(match(view(flatSky(9), { at: [20, 10], seed: 3 }), double)).toBeUndefined();
  });

  it('a lattice of artefacts', () => {
    const lattice = (random: () => number) =>
      imageOf(
        Array.from({ length: 9 * 16 }, (_, k) => ({
          x: 120 * (k % 9) + 60 + random(),
          y: 120 * Math.floor(k / 9) + 60 + random(),
        })),
      );
    expect(match(lattice(randomNumbers(2)), lattice(randomNumbers(3)))).toBeUndefined();
  });

  it.each([6, 9])('%i stars', (most) => {
    const sky = flatSky(11);
    expect(match(view(sky, { most, missing: 0, seed: 2 }), view(sky, { missing: 0 }))).toBeUndefined();
  });
});

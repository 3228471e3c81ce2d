import { expect, it } from 'vitest';
import { allocateStars } from '../../../src/astrometry/catalogue/catalogue-stars.js';
import type { AdjustFrame } from '../../../src/astrometry/adjust/adjust-types.js';
import { FrameModel } from '../../../src/astrometry/adjust/frame-model.js';
import { FramePoints } from '../../../src/astrometry/adjust/frame-points.js';
import {
  frameStatistics,
  givenScatter,
  scatterOf,
  type AdjustedFrames,
} from '../../../src/astrometry/adjust/frame-statistics.js';
import { makeTanWcs } from '../../../src/astrometry/wcs/tan-wcs.js';
import { randomNumbers } from '../solver/synthetic-field.js';
import { placedRows } from './placed-rows.js';

const random = randomNumbers(3);
const SCALE_DEG = 1e-4;
/** Stars as the sky has them, pixels of the first frame, whose nodes are numbered alike; the catalogue has the even ones. */
const STARS = Array.from({ length: 12 }, () => [20 + 360 * random(), 20 + 560 * random()] as const);
const listed = (n: number) => n % 2 === 0;
const LISTED_WEIGHT = (n: number) => (n === 4 ? 0 : 1);
/** What each frame shows: shifted by whole pixels, and off by up to half a pixel; the third shows half of them. */
const SHIFTS = [
  [0, 0],
  [7, -5],
  [-4, 9],
] as const;
const shows = (f: number, n: number) => f < 2 || n < 6;

const frames = SHIFTS.map(([dx, dy], f): AdjustFrame => {
  const shown = STARS.filter((_, n) => shows(f, n));
  return {
    ...{ width: 400, height: 600, camera: '', origin: f === 1 ? 'solved' : 'given' },
    wcs: makeTanWcs({ crval: [40, 20], crpix: [200.5 + dx, 300.5 + dy], cd: [-SCALE_DEG, 0, 0, SCALE_DEG] }),
    stars: {
      count: shown.length,
      x: Float64Array.from(shown, ([x]) => x + dx + random() - 0.5),
      y: Float64Array.from(shown, ([, y]) => y + dy + random() - 0.5),
      sigma: new Float32Array(shown.length).fill(0.1),
    },
  };
});
const models = frames.map((frame) => new FrameModel(frame));
const points = frames.map(({ stars }, f) => new FramePoints(models[f], stars));
const nodes = new FramePoints(models[0], {
  x: Float64Array.from(STARS, ([x]) => x),
  y: Float64Array.from(STARS, ([, y]) => y),
}).given;
const catalogue = allocateStars(STARS.length);
for (const axis of ['x', 'y', 'z'] as const)
  catalogue[axis].set(nodes[axis].map((v, n) => v + 1e-6 * (axis === 'z' ? n : -n)));
const links = frames.flatMap((_, f) =>
  STARS.flatMap((__, n) => (shows(f, n) ? [{ f, n }] : [])).map((link, star) => ({ ...link, star })),
);
/** Doubted altogether: one star of the first frame; of star 11 both frames that show it. */
const weight = Float32Array.from(links, ({ f, n }) => ((f === 0 && n === 2) || n === 11 ? 0 : 1 + n / 3));
const believed = Float32Array.from(links, ({ n }) => 1 + n);
const terms = new Float64Array(16);
const state: AdjustedFrames = {
  ...{ frames, models, catalogue, points, nodes },
  links: { catalogue: Int32Array.from(STARS, (_, n) => (listed(n) ? n : -1)) },
  rows: placedRows({
    start: Int32Array.of(0, 12, 24, 30),
    star: Int32Array.from(links, ({ star }) => star),
    node: Int32Array.from(links, ({ n }) => n),
    ...{ believed, weight },
  }),
  nodeWeight: Float64Array.from(STARS, (_, n) => (listed(n) ? LISTED_WEIGHT(n) : 0)),
  placed: (f, given) => (given ? points[f].given : points[f].directions(models[f], terms)),
  bases: (f) => points[f].bases(models[f], terms),
};
const scatter = scatterOf(state);

/** Where a frame shows a star, less its shift: all on one plane, whose pixels are those of the sky. */
const shownAt = ({ f, star }: (typeof links)[number]) => [
  frames[f].stars.x[star] - SHIFTS[f][0],
  frames[f].stars.y[star] - SHIFTS[f][1],
];
/** Squared distance of a link from the mean of all that count, its own share undone, by the definition; NaN where it has no other. */
function squaresOf(link: (typeof links)[number]): number {
  const all = links.filter(({ n }, l) => n === link.n && weight[l] > 0);
  if (weight[links.indexOf(link)] === 0 || all.length < 2) return NaN;
  const mean = [0, 1].map((axis) => all.reduce((sum, of) => sum + shownAt(of)[axis], 0) / all.length);
  const [x, y] = shownAt(link);
  return (((x - mean[0]) ** 2 + (y - mean[1]) ** 2) * all.length) / (all.length - 1);
}

it('a link is as far from the other frames as from the mean of all, its own share undone', () => {
  links.forEach((link, l) => {
    const expected = squaresOf(link);
    if (Number.isNaN(expected)) expect(scatter.after[l]).toBeNaN();
    else expect(scatter.after[l] / expected).toBeCloseTo(1, 3);
    if (Number.isNaN(expected)) expect(scatter.before[l]).toBeNaN();
    else expect(scatter.before[l] / expected).toBeCloseTo(1, 3);
  });
  expect(scatter.after.some(Number.isNaN)).toBe(true);
});

it('a frame is told by its links that count, weighed as they are believed, and shown how far each lies from its node', () => {
  frameStatistics(state, scatter, true).forEach((of, f) => {
    const own = links.filter((link, l) => link.f === f && weight[l] > 0);
    const shared = own.filter((link) => !Number.isNaN(squaresOf(link)));
    const known = own.filter(({ n }) => listed(n) && LISTED_WEIGHT(n) > 0);
    const mean = (some: typeof own, square: (link: (typeof own)[number]) => number) =>
      Math.sqrt(
        some.reduce((sum, link) => sum + believed[links.indexOf(link)] * square(link), 0) /
          some.reduce((sum, link) => sum + believed[links.indexOf(link)], 0),
      );
    expect(of.links).toBe(shared.length);
    expect(of.catalogueLinks).toBe(known.length);
    expect(of.shared).toBe(own.filter((link) => shared.includes(link) || known.includes(link)).length);
    expect(of.rmsPx / mean(shared, squaresOf)).toBeCloseTo(1, 3);
    expect(of.rmsBeforePx / of.rmsPx).toBeCloseTo(1, 4);
    const moved = ({ n, ...link }: (typeof own)[number]) => {
      const at = [catalogue.x[n], catalogue.y[n], catalogue.z[n]] as const;
      const out = new Float64Array(3);
      frames[f].wcs.unitToPixel(...at, out);
      const { x, y } = frames[f].stars;
      return (out[0] - x[link.star]) ** 2 + (out[1] - y[link.star]) ** 2;
    };
    expect(of.catalogueRmsPx / mean(known, moved)).toBeCloseTo(1, 4);
    const { x, y, dx, dy } = of.residuals!;
    expect([x, y, dx, dy].map(({ length }) => length)).toEqual(new Array(4).fill(own.length));
    own.forEach((link, k) => {
      const [sx, sy] = shownAt(link);
      expect(x[k]).toBeCloseTo(frames[f].stars.x[link.star], 3);
      expect(y[k]).toBeCloseTo(frames[f].stars.y[link.star], 3);
      expect(dx[k]).toBeCloseTo(STARS[link.n][0] - sx, 3);
      expect(dy[k]).toBeCloseTo(STARS[link.n][1] - sy, 3);
    });
  });
});

it('given frames alone say how far given places were off', () => {
  const own = links.filter((link) => link.f !== 1 && !Number.isNaN(squaresOf(link)));
  const weights = own.reduce((sum, link) => sum + believed[links.indexOf(link)], 0);
  const squares = own.reduce((sum, link) => sum + believed[links.indexOf(link)] * squaresOf(link), 0);
  const { after, before, links: count } = givenScatter(state, scatter);
  expect(count).toBe(own.length);
  expect(after / Math.sqrt(squares / weights)).toBeCloseTo(1, 3);
  expect(before / after).toBeCloseTo(1, 4);
});

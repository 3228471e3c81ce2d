// The final fit: all catalogue stars in the frame, robust, TAN with as much distortion as the number of stars bears.
import { pickStars, type CatalogueStars } from '../catalogue/catalogue-stars.js';
import type { StarCatalogue } from '../catalogue/star-catalogue.js';
import { medianOf } from '../../photometry/mesh-repair.js';
import { RAD_TO_DEG } from '../wcs/angles.js';
import type { CelestialWcs } from '../wcs/celestial-wcs.js';
import type { UnitVector } from '../wcs/sphere.js';
import type { ImageField } from './image-field.js';
import { directionOf, matchStars } from './match-stars.js';
import {
  fitPixelPlane,
  linearPart,
  PixelPlaneMap,
  termCount,
  type PixelPlane,
  type StarPair,
} from './plane/pixel-plane.js';
import { fromPlane } from './plane/plane-basis.js';
import { planeWcs } from './plane/plane-wcs.js';
import { PointGrid } from './patterns/point-grid.js';

/** Brightest image stars and catalogue stars that the fit looks at. */
const MAX_IMAGE_STARS = 600;
const MAX_CATALOGUE_STARS = 900;
/** With this many sound catalogue stars the poor ones are left out. */
const ENOUGH_SOUND = 60;
const ITERATIONS = 7;
/** Match radius in pixels: begins wide, ends at 3.6 robust standard deviations of a coordinate within these bounds. */
const FIRST_RADIUS = 4;
const LEAST_RADIUS = 1.5;
const CLIP_SIGMA = 3.6;
/** Error of a good centroid together with the catalogue's, pixels: bright stars do not get all the weight. */
const ERROR_FLOOR_PX = 0.15;

export interface FittedWcs {
  readonly wcs: CelestialWcs;
  readonly matched: number;
  readonly rmsPx: number;
}

/** Stars that each order takes at least. With fewer, its noise is worse than the distortion of common optics (measured: tests/bench/solver.ts). */
const STARS_OF_ORDER: readonly (readonly [order: number, stars: number])[] = [
  [1, 3],
  [2, 30],
  [3, 60],
];

/** Starts at a verified map of pixels on the sky. Undefined when the stars do not hold together in a fit. */
export function fitWcs(
  catalogue: StarCatalogue,
  epoch: number,
  field: ImageField,
  start: PixelPlane,
): FittedWcs | undefined {
  const unit = field.diagonal / 2;
  const stars = soundStars(catalogue, epoch, field, start);
  const x = field.x.subarray(0, MAX_IMAGE_STARS);
  const y = field.y.subarray(0, MAX_IMAGE_STARS);
  const grid = new PointGrid(x, y);
  let plane = start;
  let radius = FIRST_RADIUS;
  let pairs: StarPair[] = [];
  let rmsPx = NaN;
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const map = new PixelPlaneMap(plane);
    const matches = matchStars(stars, (...v) => map.toPixel(...v), grid, x, y, radius);
    pairs = matches.map(({ image, star }) => ({
      x: x[image],
      y: y[image],
      sky: directionOf(stars, star),
      weight: 1 / (ERROR_FLOOR_PX ** 2 + (field.sigma?.[image] ?? 0) ** 2),
    }));
    // the reference point moves to where the middle of the image is: the constant terms vanish
    const centre = fromPlane(plane.basis, plane.a[0], plane.b[0]);
    const next = iteration === 0 ? fitPixelPlane(pairs, centre, 1, unit) : bestPlane(pairs, centre, unit);
    if (!next) return undefined;
    plane = next;
    const residuals = residualsPx(plane, pairs);
    // 0.8493 = 1 / sqrt(2 ln 2): the median length of a normal 2-vector in standard deviations of one coordinate is its inverse
    const sigma = 0.8493 * medianOf(residuals.slice());
    radius = Math.min(FIRST_RADIUS, Math.max(LEAST_RADIUS, CLIP_SIGMA * sigma));
    rmsPx = Math.sqrt(residuals.reduce((s, r) => s + r * r, 0) / residuals.length);
  }
  return { wcs: planeWcs(plane, field.width, field.height), matched: pairs.length, rmsPx };
}

/**
 * The fit of the order that the stars themselves ask for: distortion enters when the residuals fall by more than its terms would make them fall by
 * chance (Bayesian information criterion: Schwarz 1978, Ann. Stat. 6, 461).
 */
function bestPlane(pairs: readonly StarPair[], centre: UnitVector, unit: number): PixelPlane | undefined {
  const values = 2 * pairs.length;
  let best: PixelPlane | undefined;
  let least = Infinity;
  for (const [order, stars] of STARS_OF_ORDER) {
    const plane = pairs.length < stars ? undefined : fitPixelPlane(pairs, centre, order, unit);
    if (!plane) continue;
    const residuals = residualsPx(plane, pairs);
    const squares = pairs.reduce((sum, { weight }, i) => sum + weight * residuals[i] ** 2, 0);
    const score = values * Math.log(squares / values) + 2 * termCount(order) * Math.log(values);
    if (best && !(score < least)) continue;
    best = plane;
    least = score;
  }
  return best;
}

function residualsPx(plane: PixelPlane, pairs: readonly StarPair[]): Float64Array {
  const map = new PixelPlaneMap(plane);
  const at = new Float64Array(2);
  return Float64Array.from(pairs, ({ x, y, sky }) => {
    map.toPixel(sky[0], sky[1], sky[2], at);
    return Math.hypot(at[0] - x, at[1] - y);
  });
}

/** Catalogue stars in and just around the frame, brightest first; without the poor ones where enough others are. */
function soundStars(
  catalogue: StarCatalogue,
  epoch: number,
  field: ImageField,
  start: PixelPlane,
): CatalogueStars {
  const [a, b, c, d] = linearPart(start);
  const scale = Math.sqrt(Math.abs(a * d - b * c));
  const areaDeg2 = field.width * field.height * (scale * RAD_TO_DEG) ** 2;
  const stars = catalogue.cone(
    fromPlane(start.basis, start.a[0], start.b[0]),
    0.52 * field.diagonal * scale,
    {
      epoch,
      perCell: Math.max(3, Math.ceil((2 * MAX_CATALOGUE_STARS) / areaDeg2)),
    },
  );
  const order = Array.from({ length: stars.count }, (_, i) => i).sort((i, j) => stars.vt[i] - stars.vt[j]);
  const sound = order.filter((i) => stars.poor[i] === 0);
  return pickStars(stars, (sound.length > ENOUGH_SOUND ? sound : order).slice(0, MAX_CATALOGUE_STARS));
}

// Is a hypothesis true? Stars in their places are counted, and the chance of so many is what decides.
import { pickStars, type CatalogueStars } from '../catalogue/catalogue-stars.js';
import type { StarCatalogue } from '../catalogue/star-catalogue.js';
import { RAD_TO_DEG } from '../wcs/angles.js';
import { pixelDirection, type Attitude } from './attitude.js';
import { log10BinomialTail } from './binomial-tail.js';
import type { ChosenStars, ImageField } from './image-field.js';
import { directionOf, matchStars, type ToPixel } from './match-stars.js';
import { fitPixelPlane, linearPart, PixelPlaneMap, type PixelPlane } from './plane/pixel-plane.js';
import { dot } from './plane/plane-basis.js';
import type { SkyRegion } from './sky-region.js';

/** A hypothesis with fewer stars in place, or a likelier number of them, is dropped at once. */
const QUICK_MATCHES = 5;
const QUICK_LOG_CHANCE = -3;
/** Match radii of the stages: shares of the frame's longer side, with floors in pixels; the last in pixels alone. */
const FIRST_RADIUS = { share: 0.004, floor: 5 };
const SECOND_RADIUS = { share: 0.0025, floor: 4 };
const LAST_RADIUS_PX = 3;
/** Two axes of a camera may differ in scale, and depart from a right angle, by this much. */
const MAX_SHEAR = 0.05;
/** Fields larger than this are judged on the region's own choice of stars. */
const WIDE_FIELD_DEG2 = 25;

const radiusOf = (rule: { share: number; floor: number }, field: ImageField): number =>
  Math.max(rule.floor, rule.share * Math.max(field.width, field.height));

export interface Verified {
  readonly plane: PixelPlane;
  readonly matched: number;
  /** log10 of the chance of a single wrong hypothesis to do as well. */
  readonly logChance: number;
}

/** Share of the chosen stars that find a star of the region in their place: enough of them to look closer? `free` matches made the hypothesis. */
export function looksRight(
  region: SkyRegion,
  field: ImageField,
  chosen: ChosenStars,
  attitude: Attitude,
  free: number,
): boolean {
  const radius = radiusOf(FIRST_RADIUS, field) * attitude.scale;
  const v = new Float64Array(3);
  let found = 0;
  for (let i = 0; i < chosen.x.length; i++) {
    pixelDirection(attitude, chosen.x[i], chosen.y[i], v);
    if (region.nearest(v[0], v[1], v[2], radius) >= 0) found++;
  }
  if (found < QUICK_MATCHES) return false;
  const chance = Math.min(0.5, region.starsPerSteradian * Math.PI * radius * radius);
  return log10BinomialTail(chosen.x.length, found - free, chance) < QUICK_LOG_CHANCE;
}

/** Matches with shrinking radius, first by the attitude, then by affine maps; undefined when that falls apart or shears the sky. */
export function verify(
  catalogue: StarCatalogue,
  epoch: number,
  region: SkyRegion,
  field: ImageField,
  attitude: Attitude,
  free: number,
): Verified | undefined {
  const stars = starsInFrame(catalogue, epoch, region, field, attitude);
  const first = matchStars(
    stars,
    attitudeToPixel(attitude),
    field.judged,
    field.x,
    field.y,
    radiusOf(FIRST_RADIUS, field),
  );
  let plane = affine(field, stars, first, attitude);
  if (!plane) return undefined;
  for (const radius of [radiusOf(SECOND_RADIUS, field), LAST_RADIUS_PX]) {
    const map = new PixelPlaneMap(plane);
    const pairs = matchStars(stars, (...v) => map.toPixel(...v), field.judged, field.x, field.y, radius);
    plane = affine(field, stars, pairs, attitude);
    if (!plane) return undefined;
  }
  const map = new PixelPlaneMap(plane);
  const { length: matched } = matchStars(
    stars,
    (...v) => map.toPixel(...v),
    field.judged,
    field.x,
    field.y,
    LAST_RADIUS_PX,
  );
  if (shear(plane) > MAX_SHEAR) return undefined;
  const chance = (stars.count * Math.PI * LAST_RADIUS_PX ** 2) / (field.width * field.height);
  // an affine map has 6 free numbers, which 3 stars can use up: at least that many matches prove nothing
  const logChance = log10BinomialTail(field.judgedCount, matched - free, Math.min(0.5, chance));
  return { plane, matched, logChance };
}

/** Catalogue stars that the attitude puts into the frame, the brightest of them: not more than twice the image's. */
function starsInFrame(
  catalogue: StarCatalogue,
  epoch: number,
  region: SkyRegion,
  field: ImageField,
  attitude: Attitude,
): CatalogueStars {
  const areaDeg2 = field.width * field.height * (attitude.scale * RAD_TO_DEG) ** 2;
  const wanted = 2 * field.judgedCount;
  const stars =
    areaDeg2 > WIDE_FIELD_DEG2
      ? region.stars
      : catalogue.cone(attitude.axes[2], 0.55 * field.diagonal * attitude.scale, {
          epoch,
          perCell: Math.ceil(wanted / areaDeg2) + 4,
        });
  const toPixel = attitudeToPixel(attitude);
  const pixel = new Float64Array(3);
  const inside: number[] = [];
  for (let i = 0; i < stars.count; i++) {
    if (!toPixel(stars.x[i], stars.y[i], stars.z[i], pixel)) continue;
    if (Math.abs(pixel[0]) < field.width / 2 && Math.abs(pixel[1]) < field.height / 2) inside.push(i);
  }
  inside.sort((i, j) => stars.vt[i] - stars.vt[j]);
  return pickStars(stars, inside.slice(0, wanted));
}

function attitudeToPixel({ axes, parity, scale }: Attitude): ToPixel {
  return (x, y, z, out) => {
    const depth = dot(axes[2], x, y, z);
    if (!(depth > 0.05)) return false;
    out[0] = (parity * dot(axes[0], x, y, z)) / (depth * scale);
    out[1] = dot(axes[1], x, y, z) / (depth * scale);
    return true;
  };
}

function affine(
  field: ImageField,
  stars: CatalogueStars,
  pairs: readonly { image: number; star: number }[],
  { axes }: Attitude,
): PixelPlane | undefined {
  if (pairs.length < QUICK_MATCHES) return undefined;
  return fitPixelPlane(
    pairs.map(({ image, star }) => ({
      x: field.x[image],
      y: field.y[image],
      sky: directionOf(stars, star),
      weight: 1,
    })),
    axes[2],
    1,
    field.diagonal / 2,
  );
}

/** How far the linear part is from a similarity: difference of the axes' lengths, and cosine between them. */
function shear(plane: PixelPlane): number {
  const [a, b, c, d] = linearPart(plane);
  const [p, q] = [Math.hypot(a, c), Math.hypot(b, d)];
  return Math.max(Math.abs(Math.log(p / q)), Math.abs(a * b + c * d) / (p * q));
}

// Pairs of image stars and catalogue stars that a map brings together, one to one.
import type { CatalogueStars } from '../catalogue/catalogue-stars.js';
import type { UnitVector } from '../wcs/sphere.js';
import type { PointGrid } from './patterns/point-grid.js';

/** Pixels from the image's middle of a direction. */
export type ToPixel = (x: number, y: number, z: number, out: Float64Array) => boolean;

export interface MatchedPair {
  readonly image: number;
  readonly star: number;
  /** Distance in pixels. */
  readonly distance: number;
}

/** For each catalogue star the nearest image star within `radius` pixels; of several that want one image star the nearest gets it. */
export function matchStars(
  stars: CatalogueStars,
  toPixel: ToPixel,
  grid: PointGrid,
  imageX: Float64Array,
  imageY: Float64Array,
  radius: number,
): MatchedPair[] {
  const best = new Map<number, MatchedPair>();
  const pixel = new Float64Array(3);
  for (let star = 0; star < stars.count; star++) {
    if (!toPixel(stars.x[star], stars.y[star], stars.z[star], pixel)) continue;
    const image = grid.nearest(pixel[0], pixel[1], radius);
    if (image < 0) continue;
    const distance = Math.hypot(imageX[image] - pixel[0], imageY[image] - pixel[1]);
    const rival = best.get(image);
    if (!rival || distance < rival.distance) best.set(image, { image, star, distance });
  }
  return [...best.values()];
}

/** Direction of a catalogue star. */
export function directionOf(stars: CatalogueStars, star: number): UnitVector {
  return [stars.x[star], stars.y[star], stars.z[star]];
}

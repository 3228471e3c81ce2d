// The catalogue's stars that a WCS puts into a frame, and which of the frame's own stars stand where they do.
import { pickStars, type CatalogueStars } from '../catalogue/catalogue-stars.js';
import type { StarCatalogue } from '../catalogue/star-catalogue.js';
import { RAD_TO_DEG } from '../wcs/angles.js';
import type { CelestialWcs } from '../wcs/celestial-wcs.js';
import { matchStars, type MatchedPair } from './match-stars.js';
import { PointGrid } from './patterns/point-grid.js';
import type { SolveImage } from './solve-types.js';

/** The whole sphere in square degrees: no frame shows more. */
const SPHERE_DEG2 = 4 * Math.PI * RAD_TO_DEG ** 2;

export interface StarsInFrame {
  /** Brightest first. */
  readonly stars: CatalogueStars;
  /** FITS pixel coordinates. */
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** The `limit` brightest catalogue stars within the frame; none when the WCS does not show the frame's middle and corners. */
export function starsInFrame(
  catalogue: StarCatalogue,
  epoch: number | undefined,
  wcs: CelestialWcs,
  { width, height }: Pick<SolveImage, 'width' | 'height'>,
  limit: number,
): StarsInFrame {
  const centre = new Float64Array(3);
  const corner = new Float64Array(3);
  let radius = wcs.pixelToUnit((width + 1) / 2, (height + 1) / 2, centre) ? 0 : NaN;
  for (const [x, y] of [
    [0.5, 0.5],
    [width + 0.5, 0.5],
    [width + 0.5, height + 0.5],
    [0.5, height + 0.5],
  ]) {
    const shown = wcs.pixelToUnit(x, y, corner);
    const chord = Math.hypot(corner[0] - centre[0], corner[1] - centre[1], corner[2] - centre[2]);
    radius = shown ? Math.max(radius, 2 * Math.asin(Math.min(1, chord / 2))) : NaN;
  }
  const found: { star: number; x: number; y: number }[] = [];
  const areaDeg2 = Math.min(
    SPHERE_DEG2,
    width * height * (wcs.pixelScaleArcsec((width + 1) / 2, (height + 1) / 2) / 3600) ** 2,
  );
  if (!(radius >= 0) || !(areaDeg2 > 0))
    return {
      stars: pickStars(catalogue.cone([1, 0, 0], 0), []),
      x: new Float64Array(0),
      y: new Float64Array(0),
    };
  // distortion may carry stars from a little outside the corners into the frame
  const stars = catalogue.cone([centre[0], centre[1], centre[2]], Math.min(Math.PI, 1.02 * radius), {
    ...(epoch !== undefined && { epoch }),
    perCell: Math.ceil((2 * limit) / areaDeg2) + 4,
  });
  const at = new Float64Array(3);
  for (let star = 0; star < stars.count; star++) {
    if (!wcs.unitToPixel(stars.x[star], stars.y[star], stars.z[star], at)) continue;
    const [x, y] = at;
    if (x > 0.5 && y > 0.5 && x < width + 0.5 && y < height + 0.5) found.push({ star, x, y });
  }
  found.sort((a, b) => stars.vt[a.star] - stars.vt[b.star] || a.star - b.star);
  found.length = Math.min(found.length, limit);
  return {
    stars: pickStars(
      stars,
      found.map(({ star }) => star),
    ),
    x: Float64Array.from(found, ({ x }) => x),
    y: Float64Array.from(found, ({ y }) => y),
  };
}

/** Pairs of the image's stars and those of `inFrame` that lie within `radiusPx` of each other, one to one. */
export function matchInFrame(
  { stars }: StarsInFrame,
  wcs: CelestialWcs,
  image: SolveImage['stars'],
  radiusPx: number,
): MatchedPair[] {
  const grid = new PointGrid(image.x, image.y);
  return matchStars(stars, (...v) => wcs.unitToPixel(...v), grid, image.x, image.y, radiusPx);
}

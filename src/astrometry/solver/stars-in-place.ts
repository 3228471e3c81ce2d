// How many of a frame's brightest stars stand where a WCS puts those of the catalogue.
import type { StarCatalogue } from '../catalogue/star-catalogue.js';
import type { CelestialWcs } from '../wcs/celestial-wcs.js';
import { JUDGED_STARS } from './image-field.js';
import type { SolveImage } from './solve-types.js';
import { matchInFrame, starsInFrame } from './stars-in-frame.js';

export interface StarsInPlace {
  /** Stars of the frame that were looked at, its brightest. */
  readonly judged: number;
  /** Stars of the catalogue that the WCS puts into the frame, twice `judged` at most. */
  readonly known: number;
  /** Pairs of the two. */
  readonly agree: number;
  /** That a star anywhere in the frame makes a pair, 0 to 0.5. */
  readonly chance: number;
}

/** Stars count as in their places within `radiusPx`. `epoch` in years, that of the catalogue where it is not known. */
export function starsInPlace(
  catalogue: StarCatalogue,
  image: SolveImage,
  epoch: number | undefined,
  wcs: CelestialWcs,
  radiusPx: number,
): StarsInPlace {
  const { width, height, stars } = image;
  const judged = Math.min(stars.count, JUDGED_STARS);
  const sky = starsInFrame(catalogue, epoch, wcs, image, 2 * judged);
  const brightest = { count: judged, x: stars.x.subarray(0, judged), y: stars.y.subarray(0, judged) };
  const pairs = matchInFrame(sky, wcs, brightest, radiusPx);
  const known = sky.stars.count;
  const chance = Math.min(0.5, (known * Math.PI * radiusPx ** 2) / (width * height));
  return { judged, known, agree: pairs.length, chance };
}

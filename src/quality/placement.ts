// How well frames and mosaic agree on where stars are, and how well the mosaic agrees with the catalogue.
import type { CatalogueStars } from '../astrometry/catalogue/catalogue-stars.js';
import type { CelestialWcs } from '../astrometry/wcs/celestial-wcs.js';
import { footprint } from '../astrometry/wcs/footprint.js';
import { angularSeparationDeg, skyPosition } from '../astrometry/wcs/sphere.js';
import { tangentPlane } from '../astrometry/wcs/tangent-plane.js';
import type { ProductStar } from './product-stars.js';
import { median, rms } from './robust.js';
import type { FrameStars } from './star-table.js';

/** One frame against the mosaic, in pixels of the mosaic. */
export interface FramePlacement {
  /** Stars that both show. */
  readonly stars: number;
  /** Median of mosaic less frame along x and y; NaN with fewer than three stars. */
  readonly shift: readonly [number, number];
  /** Root mean square distance of the stars from where the mosaic has them, outliers left out; NaN as above. */
  readonly rms: number;
}

/** The mosaic's stars against the catalogue, arc seconds. */
export interface CataloguePlacement {
  readonly stars: number;
  /** Median of mosaic less catalogue towards east and north. */
  readonly shift: readonly [number, number];
  /** Root mean square distance, outliers left out. */
  readonly rms: number;
}

const MIN_STARS = 3;
/** Distances beyond this many times their median are other stars and blends (of a normal distribution 2e-6 lie beyond). */
const OUTLIER = 5;
/** A mosaic and its catalogue have at least this many stars in common, else nothing is said. */
const MIN_CATALOGUE_STARS = 8;
/** Pairs closer than this count; matches by chance are evened out by what lies between it and twice its area. */
const CATALOGUE_RADIUS_ARCSEC = 6;

/** Stars of a frame, pixels of the mosaic, against the same stars measured on it; see `FramePlacement`. */
export function framePlacement(
  { star, x, y }: FrameStars,
  mosaic: ReadonlyMap<number, ProductStar>,
): FramePlacement {
  const dx: number[] = [];
  const dy: number[] = [];
  for (let k = 0; k < star.length; k++) {
    const found = mosaic.get(star[k]);
    if (!found) continue;
    dx.push(found.x - x[k]);
    dy.push(found.y - y[k]);
  }
  if (dx.length < MIN_STARS) return { stars: dx.length, shift: [NaN, NaN], rms: NaN };
  return { stars: dx.length, shift: [median(dx), median(dy)], rms: clippedRms(dx, dy) };
}

/** Undefined where mosaic and catalogue share too few stars to be sure that they are the same ones. */
export function cataloguePlacement(
  stars: Iterable<ProductStar>,
  wcs: CelestialWcs,
  catalogue: CatalogueStars,
): CataloguePlacement | undefined {
  const east: number[] = [];
  const north: number[] = [];
  const seen = nearStars(catalogue, CATALOGUE_RADIUS_ARCSEC);
  let far = 0;
  for (const { x, y } of stars) {
    const sky = wcs.pixelToSky(x + 1, y + 1);
    const offset = sky && seen(sky[0], sky[1]);
    if (!offset) continue;
    // by chance as many lie in the outer half of the area as in the inner one
    if (Math.hypot(...offset) > CATALOGUE_RADIUS_ARCSEC / Math.SQRT2) far++;
    else {
      east.push(offset[0]);
      north.push(offset[1]);
    }
  }
  if (east.length < MIN_CATALOGUE_STARS || east.length < 3 * far) return undefined;
  return { stars: east.length, shift: [median(east), median(north)], rms: clippedRms(east, north) };
}

/** Offset (east, north, arc seconds) of a position from the nearest good catalogue star within `radius` arc seconds. */
function nearStars(catalogue: CatalogueStars, radius: number) {
  // bins of declination of one radius: a star's neighbours lie in three of them
  const bins = new Map<number, { ra: number; dec: number }[]>();
  for (let s = 0; s < catalogue.count; s++) {
    if (catalogue.poor[s]) continue;
    const [ra, dec] = skyPosition([catalogue.x[s], catalogue.y[s], catalogue.z[s]]);
    const bin = Math.floor((dec * 3600) / radius);
    const members = bins.get(bin);
    if (members) members.push({ ra, dec });
    else bins.set(bin, [{ ra, dec }]);
  }
  return (ra: number, dec: number): [number, number] | undefined => {
    const plane = tangentPlane(ra, dec);
    const bin = Math.floor((dec * 3600) / radius);
    let best: [number, number] | undefined;
    let least = radius;
    for (let b = bin - 1; b <= bin + 1; b++) {
      for (const star of bins.get(b) ?? []) {
        if (Math.abs(star.dec - dec) * 3600 > least) continue;
        const at = plane.project(star.ra, star.dec);
        const distance = at ? Math.hypot(...at) * 3600 : Infinity;
        if (!at || distance >= least) continue;
        best = [-at[0] * 3600, -at[1] * 3600];
        least = distance;
      }
    }
    return best;
  };
}

/** Angle from the middle of a grid to its farthest corner, degrees; 180 where a corner shows no sky. */
export function gridRadiusDeg(wcs: CelestialWcs, nx: number, ny: number): number {
  const middle = wcs.pixelToSky((nx + 1) / 2, (ny + 1) / 2);
  const corners = footprint(wcs, nx, ny);
  if (middle === null || corners.length < 5) return 180;
  return Math.max(...corners.map((corner) => angularSeparationDeg(...middle, ...corner)));
}

function clippedRms(dx: readonly number[], dy: readonly number[]): number {
  const distance = dx.map((d, i) => Math.hypot(d, dy[i]));
  const limit = OUTLIER * median(distance);
  return rms(distance.filter((d) => d <= limit));
}

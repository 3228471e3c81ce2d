// Where an image lies on the sky: its outline, its middle, its bounds.
import type { CelestialWcs } from './celestial-wcs.js';
import { RAD_TO_DEG, wrap180, wrap360 } from './angles.js';
import { meanDirection, skyPosition, unitVector, type SkyPosition, type UnitVector } from './sphere.js';

/**
 * Outline of an image of `nx` x `ny` pixels along the outer edges of its border pixels (0.5 .. n + 0.5): a closed
 * polygon, last position = first, `pointsPerEdge` (>= 1) positions a side, in the order of the corners (0.5, 0.5),
 * (nx + 0.5, 0.5), (nx + 0.5, ny + 0.5), (0.5, ny + 0.5). Positions outside the projection are left out, so the polygon
 * of an all-sky map may be empty.
 */
export function footprint(wcs: CelestialWcs, nx: number, ny: number, pointsPerEdge = 1): SkyPosition[] {
  const corners: readonly (readonly [number, number])[] = [
    [0.5, 0.5],
    [nx + 0.5, 0.5],
    [nx + 0.5, ny + 0.5],
    [0.5, ny + 0.5],
  ];
  const outline: SkyPosition[] = [];
  corners.forEach(([x0, y0], side) => {
    const [x1, y1] = corners[(side + 1) % 4];
    for (let i = 0; i < pointsPerEdge; i += 1) {
      const t = i / pointsPerEdge;
      const sky = wcs.pixelToSky(x0 + t * (x1 - x0), y0 + t * (y1 - y0));
      if (sky !== null) outline.push(sky);
    }
  });
  if (outline.length > 0) outline.push(outline[0]);
  return outline;
}

/** Middle of positions by their unit vectors; null when they cancel out or there are none. */
export function centroid(positions: readonly SkyPosition[]): SkyPosition | null {
  const mean = meanDirection(positions.map(([ra, dec]) => unitVector(ra, dec)));
  return mean === null ? null : skyPosition(mean);
}

/** A range of right ascension and declination, degrees. */
export interface SkyBounds {
  /** West end in [0, 360); the range runs east from here and may pass 0. */
  readonly raMin: number;
  /** In [0, 360); less than `raMin` when the range passes 0. Full circle: 0 and 360. */
  readonly raMax: number;
  readonly raWidthDeg: number;
  readonly decMin: number;
  readonly decMax: number;
  /** Which celestial pole lies inside. */
  readonly pole: 'north' | 'south' | null;
}

/**
 * Bounds of a closed outline that is smaller than a hemisphere (as `footprint` gives it): right ascension across the
 * wrap, the whole circle when a pole lies inside, declination including the bulge of great circles between positions.
 * null for an empty outline.
 */
export function skyBounds(outline: readonly SkyPosition[]): SkyBounds | null {
  if (outline.length === 0) return null;
  const vectors = outline.map(([ra, dec]) => unitVector(ra, dec));
  let turn = 0;
  let west = 0;
  let east = 0;
  let decMin = Infinity;
  let decMax = -Infinity;
  outline.forEach(([ra, dec], i) => {
    decMin = Math.min(decMin, dec);
    decMax = Math.max(decMax, dec);
    if (i === 0) return;
    turn += wrap180(ra - outline[i - 1][0]);
    west = Math.min(west, turn);
    east = Math.max(east, turn);
    for (const peak of arcPeaks(vectors[i - 1], vectors[i])) {
      decMin = Math.min(decMin, peak);
      decMax = Math.max(decMax, peak);
    }
  });
  // Once around the polygon is once around the pole exactly when the pole is inside.
  if (Math.abs(turn) > 180) {
    const north = vectors.reduce((sum, v) => sum + v[2], 0) > 0;
    const range = { raMin: 0, raMax: 360, raWidthDeg: 360 };
    return north
      ? { ...range, decMin, decMax: 90, pole: 'north' }
      : { ...range, decMin: -90, decMax, pole: 'south' };
  }
  const start = outline[0][0];
  const raWidthDeg = east - west;
  return {
    raMin: wrap360(start + west),
    raMax: wrap360(start + east),
    raWidthDeg,
    decMin,
    decMax,
    pole: null,
  };
}

/** Declination of the highest or lowest point of the great circle through a and b, if it lies between them. */
function arcPeaks(a: UnitVector, b: UnitVector): number[] {
  const axis: UnitVector = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
  const across = Math.hypot(axis[0], axis[1]);
  const length = Math.hypot(across, axis[2]);
  if (length === 0 || across === 0) return [];
  // The peak stands at right angles to the axis, below the pole.
  const peak = [-axis[0] * axis[2], -axis[1] * axis[2], across * across];
  const between = (sign: number): boolean => {
    const p = peak.map((c) => c * sign);
    const ap =
      axis[0] * (a[1] * p[2] - a[2] * p[1]) +
      axis[1] * (a[2] * p[0] - a[0] * p[2]) +
      axis[2] * (a[0] * p[1] - a[1] * p[0]);
    const pb =
      axis[0] * (p[1] * b[2] - p[2] * b[1]) +
      axis[1] * (p[2] * b[0] - p[0] * b[2]) +
      axis[2] * (p[0] * b[1] - p[1] * b[0]);
    return ap > 0 && pb > 0;
  };
  const latitude = Math.atan2(across, Math.abs(axis[2])) * RAD_TO_DEG;
  return [...(between(1) ? [latitude] : []), ...(between(-1) ? [-latitude] : [])];
}

// Directions on the sky as unit vectors (towards lon 0, lon 90, the pole): no wrap and no poles to take care of.
import { DEG_TO_RAD, RAD_TO_DEG, wrap360 } from './angles.js';

/** A direction; unit length unless said otherwise. */
export type UnitVector = readonly [number, number, number];

/** Sky position in degrees, longitude in [0, 360). */
export type SkyPosition = readonly [raDeg: number, decDeg: number];

export function unitVector(raDeg: number, decDeg: number): UnitVector {
  const ra = raDeg * DEG_TO_RAD;
  const dec = decDeg * DEG_TO_RAD;
  const cosDec = Math.cos(dec);
  return [cosDec * Math.cos(ra), cosDec * Math.sin(ra), Math.sin(dec)];
}

/** Position of a vector of any length but zero. */
export function skyPosition(v: UnitVector): SkyPosition {
  return [
    wrap360(Math.atan2(v[1], v[0]) * RAD_TO_DEG),
    Math.atan2(v[2], Math.hypot(v[0], v[1])) * RAD_TO_DEG,
  ];
}

/** Angle between two positions, degrees in [0, 180], exact at all distances. */
export function angularSeparationDeg(ra1: number, dec1: number, ra2: number, dec2: number): number {
  return vectorSeparationDeg(unitVector(ra1, dec1), unitVector(ra2, dec2));
}

/** Angle between two vectors of any length, degrees: by cross and dot product, the cosine alone fails for small angles. */
export function vectorSeparationDeg(a: UnitVector, b: UnitVector): number {
  const cross = Math.hypot(a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]);
  return Math.atan2(cross, a[0] * b[0] + a[1] * b[1] + a[2] * b[2]) * RAD_TO_DEG;
}

/**
 * Direction of the mean of vectors; null when they cancel out (or there are none): then no direction is the middle.
 */
export function meanDirection(vectors: Iterable<UnitVector>): UnitVector | null {
  let [x, y, z, count] = [0, 0, 0, 0];
  for (const v of vectors) {
    x += v[0];
    y += v[1];
    z += v[2];
    count += 1;
  }
  const length = Math.hypot(x, y, z);
  return length > 1e-9 * Math.max(1, count) ? [x / length, y / length, z / length] : null;
}

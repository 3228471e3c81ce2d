// The plane that touches the sphere at a direction, in radians: east and north as its axes, right-handed with the direction.
import type { UnitVector } from '../../wcs/sphere.js';

export interface PlaneBasis {
  readonly centre: UnitVector;
  readonly east: UnitVector;
  readonly north: UnitVector;
}

/** At a pole "east" is the direction of growing RA on the meridian RA = atan2(y, x) of the vector. */
export function planeBasis(centre: UnitVector): PlaneBasis {
  const [x, y, z] = centre;
  const across = Math.hypot(x, y);
  const east: UnitVector = across > 0 ? [-y / across, x / across, 0] : [0, 1, 0];
  const north: UnitVector = [y * east[2] - z * east[1], z * east[0] - x * east[2], x * east[1] - y * east[0]];
  return { centre, east, north };
}

export function dot(a: UnitVector, x: number, y: number, z: number): number {
  return a[0] * x + a[1] * y + a[2] * z;
}

/** The vector a*east + b*north + centre, at unit length. */
export function fromPlane({ centre, east, north }: PlaneBasis, a: number, b: number): UnitVector {
  const length = Math.sqrt(1 + a * a + b * b);
  return [
    (centre[0] + a * east[0] + b * north[0]) / length,
    (centre[1] + a * east[1] + b * north[1]) / length,
    (centre[2] + a * east[2] + b * north[2]) / length,
  ];
}

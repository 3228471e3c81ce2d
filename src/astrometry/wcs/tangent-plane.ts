// Gnomonic standard coordinates about a point: xi to the east, eta to the north, degrees.
import { RAD_TO_DEG, DEG_TO_RAD } from './angles.js';
import { skyPosition, unitVector, type SkyPosition, type UnitVector } from './sphere.js';

/** A plane that touches the sky at one point. */
export interface TangentPlane {
  /** Standard coordinates (xi, eta) in degrees; null for positions 90 degrees or more from the centre. */
  project(raDeg: number, decDeg: number): [xiDeg: number, etaDeg: number] | null;
  /** Position of standard coordinates. */
  deproject(xiDeg: number, etaDeg: number): SkyPosition;
  readonly centre: SkyPosition;
}

/** At a pole "north" is the direction of the meridian `raDeg` beyond it, as in a TAN WCS with LONPOLE 180. */
export function tangentPlane(raDeg: number, decDeg: number): TangentPlane {
  const c = unitVector(raDeg, decDeg);
  const ra = raDeg * DEG_TO_RAD;
  const east: UnitVector = [-Math.sin(ra), Math.cos(ra), 0];
  const north: UnitVector = [
    c[1] * east[2] - c[2] * east[1],
    c[2] * east[0] - c[0] * east[2],
    c[0] * east[1] - c[1] * east[0],
  ];
  const dot = (a: UnitVector, b: UnitVector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  return {
    centre: [raDeg, decDeg],
    project(ra2, dec2) {
      const v = unitVector(ra2, dec2);
      const depth = dot(v, c);
      // 1e-12 of a radius: farther than that nothing is distinguished from the horizon.
      if (!(depth > 1e-12)) return null;
      return [(dot(v, east) / depth) * RAD_TO_DEG, (dot(v, north) / depth) * RAD_TO_DEG];
    },
    deproject(xiDeg, etaDeg) {
      const xi = xiDeg * DEG_TO_RAD;
      const eta = etaDeg * DEG_TO_RAD;
      return skyPosition([
        c[0] + xi * east[0] + eta * north[0],
        c[1] + xi * east[1] + eta * north[1],
        c[2] + xi * east[2] + eta * north[2],
      ]);
    },
  };
}

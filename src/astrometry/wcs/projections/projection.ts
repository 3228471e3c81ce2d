// The contract of a map projection: native sphere <-> projection plane, and a helper for those given by angles.

/** One value more than 1 by rounding only is still on the sphere. */
export const ROUNDING = 1e-12;

/**
 * A projection of Paper II. Plane coordinates are in radians (r0 = 1 instead of 180/pi), native directions are unit
 * vectors (cos theta cos phi, cos theta sin phi, sin theta). Both functions write into `out` (length 3) and return
 * false, `out` then being undefined, for what lies outside the projection.
 */
export interface Projection {
  readonly code: string;
  /** Native latitude of the reference point, degrees; its longitude is 0 for every projection. */
  readonly theta0Deg: number;
  toNative(x: number, y: number, out: Float64Array): boolean;
  fromNative(l: number, m: number, n: number, out: Float64Array): boolean;
}

/** A map by angles in radians: writes (phi, theta) or (x, y) into out[0], out[1]. */
type AngleMap = (a: number, b: number, out: Float64Array) => boolean;

/** Makes a projection of the two formulae that Paper II gives, plane -> (phi, theta) and back. */
export function angularProjection(
  code: string,
  theta0Deg: number,
  toAngles: AngleMap,
  fromAngles: AngleMap,
): Projection {
  return {
    code,
    theta0Deg,
    toNative(x, y, out) {
      if (!toAngles(x, y, out)) return false;
      const phi = out[0];
      const theta = out[1];
      // Off the map: a longitude beyond half a turn or a latitude beyond a pole (also catches NaN).
      if (!(Math.abs(phi) <= Math.PI + ROUNDING && Math.abs(theta) <= Math.PI / 2 + ROUNDING)) return false;
      const cosTheta = Math.cos(theta);
      out[0] = cosTheta * Math.cos(phi);
      out[1] = cosTheta * Math.sin(phi);
      out[2] = Math.sin(theta);
      return true;
    },
    fromNative(l, m, n, out) {
      return fromAngles(Math.atan2(m, l), Math.atan2(n, Math.sqrt(l * l + m * m)), out);
    },
  };
}

/** Arc sine that forgives rounding beyond +-1 and answers NaN for more. */
export function safeAsin(s: number): number {
  if (s > 1) return s <= 1 + ROUNDING ? Math.PI / 2 : NaN;
  if (s < -1) return s >= -1 - ROUNDING ? -Math.PI / 2 : NaN;
  return Math.asin(s);
}

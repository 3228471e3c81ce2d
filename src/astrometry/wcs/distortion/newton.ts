// Newton's method in two dimensions for the inverse of a distortion.

/** A map with its Jacobian: `evaluate` leaves f(x, y) and the derivatives in the fields. */
export interface NewtonTarget {
  evaluate(x: number, y: number): void;
  readonly fx: number;
  readonly fy: number;
  readonly fxx: number;
  readonly fxy: number;
  readonly fyx: number;
  readonly fyy: number;
}

/** Steps allowed: convergence is quadratic; the reserve is for lookup tables, whose slopes are not in the Jacobian. */
const MAX_STEPS = 30;

/**
 * Solves f(x, y) = (targetX, targetY) from a start value; ends with the first step of at most `lastStep`. With a true
 * Jacobian the error left is the square of that step times the curvature of the map, so 1e-4 px leaves less than
 * 1e-10 px of any distortion that an image can have; with an approximate one it is the step times the slopes that the
 * Jacobian lacks. Returns false where it does not converge or where the map has folded over (the
 * determinant is not positive): a polynomial far outside its image shows the same sky twice.
 */
export function newtonInverse(
  map: NewtonTarget,
  targetX: number,
  targetY: number,
  startX: number,
  startY: number,
  lastStep: number,
  out: Float64Array,
): boolean {
  let x = startX;
  let y = startY;
  for (let i = 0; i < MAX_STEPS; i += 1) {
    map.evaluate(x, y);
    const det = map.fxx * map.fyy - map.fxy * map.fyx;
    if (!(det > 0)) return false;
    const rx = targetX - map.fx;
    const ry = targetY - map.fy;
    const dx = (map.fyy * rx - map.fxy * ry) / det;
    const dy = (map.fxx * ry - map.fyx * rx) / det;
    x += dx;
    y += dy;
    if (Math.abs(dx) + Math.abs(dy) <= lastStep) {
      out[0] = x;
      out[1] = y;
      return true;
    }
  }
  return false;
}

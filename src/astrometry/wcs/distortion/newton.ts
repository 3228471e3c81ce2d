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
 * Solves f(x, y) = (targetX, targetY) from a start value, until a step is below `tolerance` (relative to the size of
 * the coordinates beyond 1000). Returns false where it does not converge or where the map has folded over (the
 * determinant is not positive): a polynomial far outside its image shows the same sky twice.
 */
export function newtonInverse(
  map: NewtonTarget,
  targetX: number,
  targetY: number,
  startX: number,
  startY: number,
  tolerance: number,
  out: Float64Array,
): boolean {
  let x = startX;
  let y = startY;
  const limit = tolerance * Math.max(1, (Math.abs(targetX) + Math.abs(targetY)) / 1000);
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
    // A last step of sqrt(tolerance) leaves an error of its square, but slopes of tables make convergence linear.
    if (Math.abs(dx) + Math.abs(dy) <= limit) {
      out[0] = x;
      out[1] = y;
      return true;
    }
  }
  return false;
}

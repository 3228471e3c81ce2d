import { addF64, f64At } from '../words';

/**
 * Adds to `sums`, f64 [9], the normal equations of a plane over `count` values at positions u, w (f64 each): of weights 1, u, w, uu, uw, ww, and of the values
 * by 1, u, w. Weights fall fast above the plane (a, b, c) and slowly below it, over `width`: see `src/photometry/sky-plane.ts`.
 */
export function skyPlaneSums(
  values: usize,
  u: usize,
  w: usize,
  count: u32,
  a: f64,
  b: f64,
  c: f64,
  width: f64,
  sums: usize,
): void {
  for (let i: u32 = 0; i < count; i++) {
    const value = f64At(values, i);
    const x = f64At(u, i);
    const y = f64At(w, i);
    const z = (value - a - b * x - c * y) / width;
    const t = 1 + z * z;
    const weight = z > 0 ? 1 / (t * t) : 1 / sqrt<f64>(t);
    addF64(sums, 0, weight);
    addF64(sums, 1, weight * x);
    addF64(sums, 2, weight * y);
    addF64(sums, 3, weight * x * x);
    addF64(sums, 4, weight * x * y);
    addF64(sums, 5, weight * y * y);
    addF64(sums, 6, weight * value);
    addF64(sums, 7, weight * value * x);
    addF64(sums, 8, weight * value * y);
  }
}

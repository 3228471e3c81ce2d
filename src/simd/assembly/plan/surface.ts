// Surfaces of the second order at most.
import { f64At, putF64 } from '../words';

/** `levelAt` of `src/photometry/levels/level-polynomial.ts`: the surface of `terms` coefficients at `c`. */
export function surface(c: usize, terms: u32, x: f64, y: f64): f64 {
  let value = f64At(c, 0);
  if (terms > 1) value += f64At(c, 1) * x + f64At(c, 2) * y;
  if (terms > 3) value += f64At(c, 3) * x * x + f64At(c, 4) * x * y + f64At(c, 5) * y * y;
  return value;
}

/** What its coefficients stand before: six numbers at `out`. */
// @ts-ignore: decorator
@inline
export function surfaceTerms(out: usize, x: f64, y: f64): void {
  putF64(out, 0, 1);
  putF64(out, 1, x);
  putF64(out, 2, y);
  putF64(out, 3, x * x);
  putF64(out, 4, x * y);
  putF64(out, 5, y * y);
}

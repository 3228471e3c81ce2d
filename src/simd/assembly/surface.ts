import { f64At } from './words';

/** `levelAt` of `src/photometry/level-polynomial.ts`: the surface of `terms` coefficients at `c`. */
export function surface(c: usize, terms: u32, x: f64, y: f64): f64 {
  let value = f64At(c, 0);
  if (terms > 1) value += f64At(c, 1) * x + f64At(c, 2) * y;
  if (terms > 3) value += f64At(c, 3) * x * x + f64At(c, 4) * x * y + f64At(c, 5) * y * y;
  return value;
}

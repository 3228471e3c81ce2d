// Where the points of a frame lie on the sky: `src/astrometry/adjust/frame-points.ts`.
import { POWERS_X, POWERS_Y } from './adjust-problem';
import { planeDirection, planePixel } from './tangent-plane';
import { addF64, f64At, putF64 } from '../../words';

/**
 * Bases of points, f64 [count, 2] at `base`: their pixels `px`, `py` from the middle, or where `given`, the plane of the frame's own WCS, shows their directions (NaN where those
 * are behind); with the distortion `terms` per `unit` added, and their directions by `plane` to `x`, `y`, `z`. `given`, `terms` and `plane` may be 0.
 */
export function placePoints(
  given: usize,
  terms: usize,
  plane: usize,
  unit: f64,
  count: u32,
  px: usize,
  py: usize,
  x: usize,
  y: usize,
  z: usize,
  base: usize,
): void {
  for (let s: u32 = 0; s < count; s++) {
    const at = base + (<usize>s << 4);
    const step = <usize>s << 3;
    if (given == 0) {
      putF64(at, 0, f64At(px, s));
      putF64(at, 1, f64At(py, s));
    } else if (!planePixel(given, f64At(x, s), f64At(y, s), f64At(z, s), at)) {
      putF64(at, 0, NaN);
      putF64(at, 1, NaN);
    }
    if (terms != 0) distort(terms, f64At(px, s) / unit, f64At(py, s) / unit, at);
    if (plane != 0) planeDirection(plane, f64At(at, 0), f64At(at, 1), x + step, y + step, z + step);
  }
}

/** Adds the distortion at (u, v) to two numbers. */
function distort(terms: usize, u: f64, v: f64, out: usize): void {
  const shear = f64At(terms, 0), skew = f64At(terms, 1);
  addF64(out, 0, powers(terms, POWERS_X, shear * u + skew * v, u, v));
  addF64(out, 1, powers(terms, POWERS_Y, skew * u - shear * v, u, v));
}

function powers(terms: usize, at: u32, linear: f64, u: f64, v: f64): f64 {
  const uu = u * u, uv = u * v, vv = v * v;
  return (
    linear +
    f64At(terms, at) * uu +
    f64At(terms, at + 1) * uv +
    f64At(terms, at + 2) * vv +
    u * (f64At(terms, at + 3) * uu + f64At(terms, at + 4) * uv + f64At(terms, at + 5) * vv) +
    f64At(terms, at + 6) * vv * v
  );
}

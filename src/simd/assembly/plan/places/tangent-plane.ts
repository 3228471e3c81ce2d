// A linear map of pixels onto the plane that touches the sky at a frame's middle, `FrameModel` of `src/astrometry/adjust/frame-model.ts`: 14 f64, the directions of its middle, of east and of north, the
// matrix in radians a pixel, half the frame's diagonal in pixels.
import { f64At, putF64 } from '../../words';

export const PLANE_NUMBERS: u32 = 14;

// @ts-ignore: decorator
@inline
function along(plane: usize, axis: u32, x: f64, y: f64, z: f64): f64 {
  return f64At(plane, axis) * x + f64At(plane, axis + 1) * y + f64At(plane, axis + 2) * z;
}

/** Where a direction is shown, pixels from the middle, to `out`; false when it is behind. */
export function planePixel(plane: usize, x: f64, y: f64, z: f64, out: usize): bool {
  const depth = along(plane, 0, x, y, z);
  if (!(depth > 0.05)) return false;
  const f = along(plane, 3, x, y, z) / depth;
  const g = along(plane, 6, x, y, z) / depth;
  const a = f64At(plane, 9), b = f64At(plane, 10), c = f64At(plane, 11), d = f64At(plane, 12);
  const det = a * d - b * c;
  putF64(out, 0, (d * f - b * g) / det);
  putF64(out, 1, (a * g - c * f) / det);
  return true;
}

/** Direction of a pixel from the middle. */
export function planeDirection(plane: usize, px: f64, py: f64, x: usize, y: usize, z: usize): void {
  const a = f64At(plane, 9) * px + f64At(plane, 10) * py;
  const b = f64At(plane, 11) * px + f64At(plane, 12) * py;
  const length = sqrt(1 + a * a + b * b);
  store<f64>(x, (f64At(plane, 0) + a * f64At(plane, 3) + b * f64At(plane, 6)) / length);
  store<f64>(y, (f64At(plane, 1) + a * f64At(plane, 4) + b * f64At(plane, 7)) / length);
  store<f64>(z, (f64At(plane, 2) + a * f64At(plane, 5) + b * f64At(plane, 8)) / length);
}

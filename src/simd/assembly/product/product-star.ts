// A star of a finished mosaic: src/quality/product-stars.ts says what is measured.
import { medianOf } from '../select';
import { f32At, f64At, putF32, putF64, u32At } from '../words';

/**
 * Copies the squares of `side` pixels whose first pixel stands in column `x0` and row `y0`, one for each of `planes`, to `out`: from rings (f32, `bytes` each) of `ringRows`
 * rows (a power of two) of `nx` columns at `ring`.
 */
export function ringSquares(
  ring: usize,
  planes: u32,
  bytes: usize,
  nx: u32,
  ringRows: u32,
  x0: u32,
  y0: u32,
  side: u32,
  out: usize,
): void {
  for (let p: u32 = 0; p < planes; p++, ring += bytes) {
    for (let j: u32 = 0; j < side; j++, out += <usize>side << 2) {
      const row = (y0 + j) & (ringRows - 1);
      memory.copy(out, ring + (<usize>(row * nx + x0) << 2), <usize>side << 2);
    }
  }
}

/**
 * Measures the star in the middle of the squares of `2 reach + 1` pixels (f32, one for each of `planes`) at `squares`, from which it takes the median of their ring,
 * the `ringCount` pixels whose numbers (u32) stand at `ring`. To `out` (f64) go the centre in pixels of the square, as the middle plane shows it in a window of
 * `sigma`, and the light of each plane within `radius` of it. False where a square has a gap, the centre walks further than `walk`, or no step of `iterations` is
 * shorter than `lastStep`. `scratch` has room for 12 bytes for each pixel of the ring, and 8 for each of a row.
 */
export function productStar(
  squares: usize,
  planes: u32,
  reach: u32,
  ring: usize,
  ringCount: u32,
  sigma: f64,
  iterations: u32,
  lastStep: f64,
  walk: f64,
  radius: f64,
  scratch: usize,
  out: usize,
): bool {
  const side = 2 * reach + 1;
  const bytes = <usize>(side * side) << 2;
  for (let p: u32 = 0; p < planes; p++)
    if (!takeSky(squares + p * bytes, side * side, ring, ringCount, scratch)) return false;
  // the middle one of three planes is green: the one with the most light
  if (!centre(squares + (planes >> 1) * bytes, reach, sigma, iterations, lastStep, walk, scratch, out)) return false;
  for (let p: u32 = 0; p < planes; p++)
    putF64(out, 2 + p, aperture(squares + p * bytes, side, f64At(out, 0), f64At(out, 1), radius));
  return true;
}

function takeSky(square: usize, pixels: u32, ring: usize, ringCount: u32, scratch: usize): bool {
  for (let k: u32 = 0; k < pixels; k++) {
    const v = f32At(square, k);
    if (v - v != 0) return false;
  }
  for (let k: u32 = 0; k < ringCount; k++) putF32(scratch, k, f32At(square, u32At(ring, k)));
  const sky = medianOf<f32>(scratch, ringCount, scratch + (<usize>ringCount << 2));
  for (let k: u32 = 0; k < pixels; k++) putF32(square, k, f32At(square, k) - sky);
  return true;
}

/** Centre of the light in a Gaussian window that follows it (SExtractor's XWIN: Bertin & Arnouts 1996), to `out`. */
function centre(
  square: usize,
  reach: u32,
  sigma: f64,
  iterations: u32,
  lastStep: f64,
  walk: f64,
  across: usize,
  out: usize,
): bool {
  const side = 2 * reach + 1;
  const half = <u32>ceil<f64>(3 * sigma);
  const first = reach - half;
  const last = reach + half;
  const scale = -0.5 / (sigma * sigma);
  let x = <f64>reach;
  let y = x;
  for (let iteration: u32 = 0; iteration < iterations; iteration++) {
    for (let i = first; i <= last; i++) putF64(across, i, Math.exp(scale * (<f64>i - x) * (<f64>i - x)));
    let sum: f64 = 0;
    let sx: f64 = 0;
    let sy: f64 = 0;
    for (let j = first; j <= last; j++) {
      const dy = <f64>j - y;
      const down = Math.exp(scale * dy * dy);
      for (let i = first; i <= last; i++) {
        const v = down * f64At(across, i) * f32At(square, j * side + i);
        sum += v;
        sx += v * (<f64>i - x);
        sy += v * dy;
      }
    }
    if (!(sum > 0)) return false;
    const stepX = (2 * sx) / sum;
    const stepY = (2 * sy) / sum;
    x += stepX;
    y += stepY;
    if (!(distance(x - <f64>reach, y - <f64>reach) <= walk)) return false;
    if (distance(stepX, stepY) < lastStep) {
      putF64(out, 0, x);
      putF64(out, 1, y);
      return true;
    }
  }
  return false;
}

/** Sum within `radius`, the last pixel fading out. */
function aperture(square: usize, side: u32, x: f64, y: f64, radius: f64): f64 {
  const x0 = <u32>max<f64>(0, floor<f64>(x - radius));
  const y0 = <u32>max<f64>(0, floor<f64>(y - radius));
  const x1 = <u32>min<f64>(side - 1, ceil<f64>(x + radius));
  const y1 = <u32>min<f64>(side - 1, ceil<f64>(y + radius));
  let sum: f64 = 0;
  for (let j = y0; j <= y1; j++) {
    for (let i = x0; i <= x1; i++) {
      const weight = min<f64>(1, radius + 0.5 - distance(<f64>i - x, <f64>j - y));
      if (weight > 0) sum += weight * f32At(square, j * side + i);
    }
  }
  return sum;
}

// @ts-ignore: decorator
@inline
function distance(x: f64, y: f64): f64 {
  return sqrt<f64>(x * x + y * y);
}

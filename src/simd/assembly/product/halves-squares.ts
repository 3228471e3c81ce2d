// Squares in which two halves of the frames are compared: src/quality/repeated-halves.ts says what for.
import { f32At, f64At, putF64 } from '../words';

/**
 * Adds to `sums` (f64) squares of `side` pixels of two images of `width` x `height` pixels, values and standard deviations (f32) at `a`, `sigmaA`, `b`, `sigmaB`: their number, the sum over
 * their pixels of z^2, z the difference over its deviation, and that of the square of each square's sum of z. A square counts where all values are above `limit` and
 * all z below `clip`.
 */
export function halvesSquares(
  a: usize,
  sigmaA: usize,
  b: usize,
  sigmaB: usize,
  width: u32,
  height: u32,
  side: u32,
  clip: f64,
  limit: f64,
  sums: usize,
): void {
  for (let y0: u32 = 0; y0 + side <= height; y0 += side)
    for (let x0: u32 = 0; x0 + side <= width; x0 += side)
      addSquare(a, sigmaA, b, sigmaB, y0 * width + x0, width, side, clip, limit, sums);
}

function addSquare(
  a: usize,
  sigmaA: usize,
  b: usize,
  sigmaB: usize,
  from: u32,
  width: u32,
  side: u32,
  clip: f64,
  limit: f64,
  sums: usize,
): void {
  let sum: f64 = 0;
  let squares: f64 = 0;
  for (let y: u32 = 0; y < side; y++) {
    for (let i = from + y * width, end = i + side; i < end; i++) {
      const first = f32At(a, i);
      const second = f32At(b, i);
      const s = f32At(sigmaA, i);
      const t = f32At(sigmaB, i);
      const z = (first - second) / sqrt<f64>(s * s + t * t);
      if (!(first > limit && second > limit && abs<f64>(z) < clip)) return;
      sum += z;
      squares += z * z;
    }
  }
  putF64(sums, 0, f64At(sums, 0) + 1);
  putF64(sums, 1, f64At(sums, 1) + squares);
  putF64(sums, 2, f64At(sums, 2) + sum * sum);
}

// Smoothing of H-transform coefficients (HCOMPRESS parameter SMOOTH, FITS 4.0 table 38): differences that the
// quantisation made coarse are moved, by at most half the scale, towards what the neighbouring sums suggest.

const clamp = (value: number, low: number, high: number) => Math.max(Math.min(value, high), low);

/**
 * One level, `[height, width]` of interleaved coefficients with rows `stride` apart: at even places sums, to their
 * right differences along the fast axis, below along the slow axis, diagonally the mixed one. Edges stay.
 */
export function smoothCoefficients(
  a: Float64Array,
  height: number,
  width: number,
  stride: number,
  scale: number,
): void {
  const limit = Math.floor(scale / 2);
  if (limit <= 0) return;
  for (let y = 2; y < height - 2; y += 2) {
    for (let x = 0; x < width; x += 2) smoothSlope(a, y * stride + x, 2 * stride, stride, limit);
  }
  for (let y = 0; y < height; y += 2) {
    for (let x = 2; x < width - 2; x += 2) smoothSlope(a, y * stride + x, 2, 1, limit);
  }
  for (let y = 2; y < height - 2; y += 2) {
    for (let x = 2; x < width - 2; x += 2) smoothCurvature(a, y * stride + x, stride, limit);
  }
}

/** The difference at `at + step` follows the slope of the sums before and after, kept monotonic. */
function smoothSlope(a: Float64Array, at: number, distance: number, step: number, limit: number): void {
  const rise = a[at + distance] - a[at];
  const fall = a[at] - a[at - distance];
  const high = Math.max(Math.min(rise, fall), 0) * 4;
  const low = Math.min(Math.max(rise, fall), 0) * 4;
  if (low >= high) return;
  const slope = clamp(rise + fall, low, high);
  a[at + step] += clamp(Math.trunc((slope - a[at + step] * 8) / 8), -limit, limit);
}

/** The mixed difference follows the four diagonal sums, kept monotonic. */
function smoothCurvature(a: Float64Array, at: number, stride: number, limit: number): void {
  const h0 = a[at];
  const pp = a[at + 2 * stride + 2] - h0;
  const mm = h0 - a[at - 2 * stride - 2];
  const mp = h0 - a[at - 2 * stride + 2];
  const pm = a[at + 2 * stride - 2] - h0;
  const hx = a[at + stride] * 2;
  const hy = a[at + 1] * 2;
  const bound = (outer: (x: number, y: number) => number, inner: (x: number, y: number) => number) => {
    const first = outer(inner(pp, 0) - hx - hy, inner(-pm, 0) + hx - hy);
    const second = outer(inner(mp, 0) - hx + hy, inner(-mm, 0) + hx + hy);
    return outer(first, second) * 16;
  };
  const high = bound(Math.min, Math.max);
  const low = bound(Math.max, Math.min);
  if (low >= high) return;
  const curvature = clamp(pp - mm + mp - pm, low, high);
  const target = a[at + stride + 1];
  a[at + stride + 1] = target + clamp(Math.trunc((curvature - target * 64) / 64), -limit, limit);
}

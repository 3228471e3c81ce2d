// The inverse H-transform of HCOMPRESS: sums and differences of 2 x 2 pixels, level by level, rounded so that it is
// exact for integers (White 1992, "High-Performance Compression of Astronomical Images"). Integers in float64.
import { smoothCoefficients } from './h-smooth.js';

/** Rounded to a multiple of `unit` (a power of two), halves away from zero. */
function roundTo(value: number, unit: number): number {
  const half = Math.floor(unit / 2);
  const shifted = value >= 0 ? value + half : value + half - 1;
  return Math.floor(shifted / unit) * unit;
}

/** The last pass has unit 1 for hc: nothing to round, and negatives must not be shifted down. */
const roundLast = (value: number, unit: number) => (unit === 1 ? value : roundTo(value, unit));

const isOdd = (value: number) => value % 2 !== 0;

/** Inverts in place, `[ny, nx]`; with `smoothScale` > 1 coefficients are smoothed at every level first. */
export function invertHTransform(a: Float64Array, ny: number, nx: number, smoothScale: number): void {
  const longest = Math.max(nx, ny);
  const levels = longest <= 1 ? 0 : 32 - Math.clz32(longest - 1);
  const scratch = new Float64Array(longest);
  if (levels > 0) a[0] = roundTo(a[0], 2 ** (levels + 1));
  for (let level = levels - 1; level >= 0; level--) {
    const height = Math.ceil(ny / 2 ** level);
    const width = Math.ceil(nx / 2 ** level);
    for (let y = 0; y < height; y++) interleave(a, y * nx, 1, width, scratch);
    for (let x = 0; x < width; x++) interleave(a, x, nx, height, scratch);
    if (smoothScale > 1) smoothCoefficients(a, height, width, nx, smoothScale);
    invertLevel(a, height, width, nx, 2 ** level, level === 0 ? 4 : 2);
  }
}

/** Sums stand in the first half of a line, differences in the second: puts them in turn. */
function interleave(
  a: Float64Array,
  start: number,
  step: number,
  count: number,
  scratch: Float64Array,
): void {
  const half = (count + 1) >> 1;
  for (let i = 0; i < count; i++) scratch[i] = a[start + i * step];
  for (let i = 0; i < half; i++) a[start + 2 * i * step] = scratch[i];
  for (let i = half; i < count; i++) a[start + (2 * (i - half) + 1) * step] = scratch[i];
}

/** One level: `bit0` is the unit of hc here, `divisor` 2, and 4 on the last pass. */
function invertLevel(
  a: Float64Array,
  height: number,
  width: number,
  stride: number,
  bit0: number,
  divisor: number,
): void {
  const bit1 = bit0 * 2;
  for (let y = 0; y < height; y += 2) {
    const paired = y + 1 < height;
    for (let x = 0; x < width; x += 2) {
      const at = y * stride + x;
      const below = at + stride;
      let h0 = a[at];
      if (paired && x + 1 < width) {
        const hc = roundLast(a[below + 1], bit0);
        const low = isOdd(hc / bit0) ? bit0 : 0;
        const rx = roundTo(a[below], bit1);
        const ry = roundTo(a[at + 1], bit1);
        const hx = rx >= 0 ? rx - low : rx + low;
        const hy = ry >= 0 ? ry - low : ry + low;
        const parity = Math.floor(hc / bit1) + Math.floor(hx / bit1) + Math.floor(hy / bit1);
        const carry = isOdd(parity) ? bit1 : 0;
        if (h0 >= 0) h0 += low - carry;
        else h0 += low === 0 ? carry : low - carry;
        a[below + 1] = Math.floor((h0 + hx + hy + hc) / divisor);
        a[below] = Math.floor((h0 + hx - hy - hc) / divisor);
        a[at + 1] = Math.floor((h0 - hx + hy - hc) / divisor);
        a[at] = Math.floor((h0 - hx - hy + hc) / divisor);
      } else if (paired || x + 1 < width) {
        const other = paired ? below : at + 1;
        const h1 = roundTo(a[other], bit1);
        const carry = isOdd(h1 / bit1) ? bit1 : 0;
        h0 = h0 >= 0 ? h0 - carry : h0 + carry;
        a[other] = Math.floor((h0 + h1) / divisor);
        a[at] = Math.floor((h0 - h1) / divisor);
      } else {
        a[at] = Math.floor(h0 / divisor);
      }
    }
  }
}

// Twin of contracts/fix-hot-pixels.ts.
import { BLANK_LIMIT, BLANK_VALUE } from '../../compute/constants.js';
import type { fixHotPixels as contract } from '../../compute/contracts/fix-hot-pixels.js';
import type { ParamsOf } from '../../compute/params.js';

/** Replaces isolated hot and cold samples by the median of their like neighbours, or leaves them out; see the contract. */
export function fixHotPixels(
  p: ParamsOf<typeof contract.params>,
  b: { image: Float32Array; fixed: Float32Array },
): void {
  const { width, height, originX, originY, step, isolation } = p;
  const { image, fixed } = b;
  const thresholds = [p.threshold00, p.threshold01, p.threshold10, p.threshold11];
  const sorted = new Float64Array(8);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      const v = image[at];
      fixed[at] = v;
      if (!(v > BLANK_LIMIT)) continue;
      const threshold = thresholds[((y + originY) & 1) * 2 + ((x + originX) & 1)];
      if (x >= step && y >= step && x < width - step && y < height - step) {
        if (mayNotDeviate(image, width, at, step, v - threshold, v + threshold)) continue;
      }
      const m = likeMedian(image, width, height, x, y, step, sorted);
      const e = v - m;
      // Also skips a sample without a median: no comparison holds for NaN.
      if (!(Math.abs(e) > threshold)) continue;
      const sign = e > 0 ? 1 : -1;
      let most = -Infinity;
      for (let k = 0; k < 4; k++) {
        const nx = x + (k === 0 ? -1 : k === 1 ? 1 : 0);
        const ny = y + (k === 2 ? -1 : k === 3 ? 1 : 0);
        if (nx < 0 || ny < 0 || nx >= width || ny >= height) continue;
        const n = image[ny * width + nx];
        if (!(n > BLANK_LIMIT)) continue;
        const excess = sign * (n - likeMedian(image, width, height, nx, ny, step, sorted));
        if (excess > most) most = excess;
      }
      if (most < isolation * Math.abs(e)) fixed[at] = p.blanks === 1 ? BLANK_VALUE : m;
    }
  }
}

/**
 * True when the median of the 8 neighbours cannot lie outside [low, high], because fewer than 4 of them do on either side: spares nearly all
 * samples the sort.
 */
function mayNotDeviate(
  image: Float32Array,
  width: number,
  at: number,
  step: number,
  low: number,
  high: number,
): boolean {
  let below = 0;
  let above = 0;
  for (let row = at - step * width, j = 0; j < 3; j++, row += step * width) {
    const a = image[row - step];
    const b = j === 1 ? low : image[row];
    const c = image[row + step];
    // With blanks fewer samples make the median: left to the full test.
    if (!(a > BLANK_LIMIT && b > BLANK_LIMIT && c > BLANK_LIMIT)) return false;
    if (a < low) below++;
    if (b < low) below++;
    if (c < low) below++;
    if (a > high) above++;
    if (b > high) above++;
    if (c > high) above++;
  }
  return below < 4 && above < 4;
}

/** Median of the valid samples at distance `step` around (x, y), NaN where there is none. `sorted` is scratch. */
function likeMedian(
  image: Float32Array,
  width: number,
  height: number,
  x: number,
  y: number,
  step: number,
  sorted: Float64Array,
): number {
  let n = 0;
  for (let dy = -step; dy <= step; dy += step) {
    const row = y + dy;
    if (row < 0 || row >= height) continue;
    for (let dx = -step; dx <= step; dx += step) {
      const column = x + dx;
      if (column < 0 || column >= width || (dx === 0 && dy === 0)) continue;
      const v = image[row * width + column];
      if (!(v > BLANK_LIMIT)) continue;
      let k = n++;
      for (; k > 0 && sorted[k - 1] > v; k--) sorted[k] = sorted[k - 1];
      sorted[k] = v;
    }
  }
  if (n === 0) return NaN;
  const middle = n >> 1;
  return n & 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

// The walk over the pixels of a sample cube that the stack twins share: gather, sort, reject, combine.
import { BLANK_LIMIT, BLANK_VALUE } from '../compute/constants.js';

export interface StackParams {
  readonly pixels: number;
  readonly planes: number;
  readonly slots: number;
}

export interface StackBuffers {
  readonly cube: Float32Array;
  readonly frame_weights: Float32Array;
  readonly mean: Float32Array;
  readonly weight: Float32Array;
  readonly used: Uint32Array;
  readonly rejected_low: Uint32Array;
  readonly rejected_high: Uint32Array;
}

/** Range of survivors, `lo` inclusive, `hi` exclusive, in the sorted samples of a pixel; reused for all pixels. */
export interface Survivors {
  lo: number;
  hi: number;
}

/** Narrows `range` (given as 0..n, n >= 1) to the survivors of `sorted[0..n)`; equal samples share their fate. */
export type Reject = (sorted: Float32Array, range: Survivors) => void;

export const COMBINE_MEAN = 0;

/** Pixels gathered at once: whole cache lines of every slot, so that planes whose distance is a power of two do not evict each other. */
const TILE = 64;

/** Runs `reject` on every pixel and combines the survivors, by weighted mean or, unless `combine` is COMBINE_MEAN, by median. */
export function stackPixels(p: StackParams, b: StackBuffers, combine: number, reject: Reject): void {
  const { pixels, planes, slots } = p;
  const tile = new Float32Array(TILE * slots);
  const sorted = new Float32Array(slots);
  const range: Survivors = { lo: 0, hi: 0 };
  for (let c = 0; c < planes; c++) {
    for (let start = 0; start < pixels; start += TILE) {
      const size = Math.min(TILE, pixels - start);
      for (let s = 0; s < slots; s++) {
        const from = (s * planes + c) * pixels + start;
        for (let i = 0; i < size; i++) tile[i * slots + s] = b.cube[from + i];
      }
      for (let i = 0; i < size; i++) {
        const first = i * slots;
        let n = 0;
        for (let s = 0; s < slots; s++) {
          const v = tile[first + s];
          if (v > BLANK_LIMIT) sorted[n++] = v;
        }
        sortInPlace(sorted, n);
        range.lo = 0;
        range.hi = n;
        if (n > 0) reject(sorted, range);

        const { lo, hi } = range;
        const least = n > 0 ? sorted[lo] : Infinity;
        const most = n > 0 ? sorted[hi - 1] : -Infinity;
        let sum = 0;
        let weights = 0;
        for (let s = 0; s < slots; s++) {
          const v = tile[first + s];
          if (v >= least && v <= most) {
            const w = b.frame_weights[s * planes + c];
            sum += w * v;
            weights += w;
          }
        }
        const at = c * pixels + start + i;
        if (n === 0) b.mean[at] = BLANK_VALUE;
        else b.mean[at] = combine === COMBINE_MEAN ? sum / weights : medianOf(sorted, lo, hi);
        b.weight[at] = weights;
        b.used[at] = hi - lo;
        b.rejected_low[at] = lo;
        b.rejected_high[at] = n - hi;
      }
    }
  }
}

/** Median of sorted[lo..hi), the mean of the middle two of an even count. */
export function medianOf(sorted: Float32Array, lo: number, hi: number): number {
  const middle = (lo + hi) >> 1;
  return (hi - lo) & 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Standard deviation (n - 1) of sorted[lo..hi), about its mean, in f64. */
export function deviationOf(sorted: Float32Array, lo: number, hi: number): number {
  const n = hi - lo;
  let sum = 0;
  for (let k = lo; k < hi; k++) sum += sorted[k];
  const mean = sum / n;
  let squares = 0;
  for (let k = lo; k < hi; k++) squares += (sorted[k] - mean) * (sorted[k] - mean);
  return Math.sqrt(squares / (n - 1));
}

/** Clips sorted[lo..hi) to [m - below, m + above], as `keepRun` does. */
export function clip(
  sorted: Float32Array,
  range: Survivors,
  m: number,
  below: number,
  above: number,
): boolean {
  const low = m - below;
  const high = m + above;
  let first = range.lo;
  let end = range.hi;
  while (first < range.hi && sorted[first] < low) first++;
  while (end > range.lo && sorted[end - 1] > high) end--;
  return keepRun(sorted, range, first, end);
}

/**
 * Narrows the survivors sorted[lo..hi) to sorted[first..end) and what equals its extremes. Where nothing would be left, what equals the lower of the
 * middle samples stays. True when something was rejected.
 */
export function keepRun(sorted: Float32Array, range: Survivors, first: number, end: number): boolean {
  const { lo, hi } = range;
  if (first >= end) {
    first = (lo + hi - 1) >> 1;
    end = first + 1;
  }
  while (first > lo && sorted[first - 1] === sorted[first]) first--;
  while (end < hi && sorted[end] === sorted[end - 1]) end++;
  range.lo = first;
  range.hi = end;
  return first !== lo || end !== hi;
}

/** Gaps of Ciura (2001); up to 9 samples it is a plain insertion sort. */
const GAPS = [1750, 701, 301, 132, 57, 23, 10, 4, 1];
/** Insertion sort alone wins below this count. */
const SHORT = 32;

function sortInPlace(a: Float32Array, n: number): void {
  for (let g = n <= SHORT ? GAPS.length - 1 : 0; g < GAPS.length; g++) {
    const gap = GAPS[g];
    for (let i = gap; i < n; i++) {
      const v = a[i];
      let k = i;
      for (; k >= gap && a[k - gap] > v; k -= gap) a[k] = a[k - gap];
      a[k] = v;
    }
  }
}

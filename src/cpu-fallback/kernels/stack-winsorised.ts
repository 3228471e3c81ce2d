// Twin of contracts/stack-winsorised.ts.
import {
  type stackWinsorised as contract,
  WINSOR_CONSISTENCY,
  WINSOR_CUTOFF,
  WINSOR_MAX_STEPS,
  WINSOR_TOLERANCE,
} from '../../compute/contracts/stack-winsorised.js';
import type { ParamsOf } from '../../compute/params.js';
import { clipAboutMedian } from '../clip-about-median.js';
import { deviationOf, type StackBuffers } from '../stack-pixels.js';

/** Clipping about the median with a winsorised sigma; see the contract. */
export function stackWinsorised(p: ParamsOf<typeof contract.params>, b: StackBuffers): void {
  clipAboutMedian(p, b, winsorisedSigma);
}

/** Huber-consistent sigma of sorted[lo..hi) about its median m. */
function winsorisedSigma(sorted: Float32Array, lo: number, hi: number, m: number): number {
  let s = deviationOf(sorted, lo, hi);
  for (let step = 0; step < WINSOR_MAX_STEPS && s > 0; step++) {
    const next = WINSOR_CONSISTENCY * clampedDeviation(sorted, lo, hi, m, WINSOR_CUTOFF * s);
    const settled = Math.abs(next - s) <= WINSOR_TOLERANCE * s;
    s = next;
    if (settled) break;
  }
  return s;
}

/** Standard deviation (n - 1) of sorted[lo..hi) pulled in to m +- reach: only the outer samples are touched, as they are sorted. */
function clampedDeviation(sorted: Float32Array, lo: number, hi: number, m: number, reach: number): number {
  let first = lo;
  let end = hi;
  while (first < hi && sorted[first] - m < -reach) first++;
  while (end > first && sorted[end - 1] - m > reach) end--;
  const below = first - lo;
  const above = hi - end;
  let sum = (above - below) * reach;
  let squares = (above + below) * reach * reach;
  for (let k = first; k < end; k++) {
    const d = sorted[k] - m;
    sum += d;
    squares += d * d;
  }
  const n = hi - lo;
  // About m the clamped samples are at most 1.5 sigma away, so the difference of f64 sums loses no digits that matter.
  return Math.sqrt(Math.max(0, squares - (sum * sum) / n) / (n - 1));
}

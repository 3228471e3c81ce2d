// Twin of contracts/stack-linear-fit.ts.
import {
  LINEAR_FIT_ROUNDING,
  type stackLinearFit as contract,
} from '../../compute/contracts/stack-linear-fit.js';
import type { ParamsOf } from '../../compute/params.js';
import { keepRun, medianOf, type StackBuffers, stackPixels, type Survivors } from '../stack-pixels.js';

/** Clipping about a line through the sorted samples; see the contract. */
export function stackLinearFit(p: ParamsOf<typeof contract.params>, b: StackBuffers): void {
  const { kappaLow, kappaHigh, maxIterations } = p;
  stackPixels(p, b, p.combine, (sorted, range) => {
    let clipped = true;
    for (let i = 0; i < maxIterations && clipped && range.hi - range.lo >= 3; i++) {
      clipped = clipAboutLine(sorted, range, kappaLow, kappaHigh);
    }
  });
}

/** One fit and what it rejects; false when that is nothing. */
function clipAboutLine(sorted: Float32Array, range: Survivors, kappaLow: number, kappaHigh: number): boolean {
  const { lo, hi } = range;
  const n = hi - lo;
  const m = medianOf(sorted, lo, hi);
  const middle = (lo + hi - 1) / 2;
  let sum = 0;
  let tilt = 0;
  for (let k = lo; k < hi; k++) {
    sum += sorted[k] - m;
    tilt += (k - middle) * (sorted[k] - m);
  }
  // Ranks about their middle: sum of squares n (n^2 - 1) / 12, so that level and slope are independent.
  const level = sum / n;
  const slope = (12 * tilt) / (n * (n * n - 1));
  const residual = (k: number) => sorted[k] - m - (level + slope * (k - middle));
  let s = 0;
  for (let k = lo; k < hi; k++) s += Math.abs(residual(k));
  s /= n;
  // Of samples on a line only rounding is left.
  if (!(s > LINEAR_FIT_ROUNDING * (sorted[hi - 1] - sorted[lo]))) return false;
  let first = lo;
  let end = hi;
  while (first < hi && residual(first) < -kappaLow * s) first++;
  while (end > lo && residual(end - 1) > kappaHigh * s) end--;
  return keepRun(sorted, range, first, end);
}

// Iterative clipping about the median, which the twins share that differ only in their measure of scatter.
import type { clippingParams } from '../compute/contracts/stack-buffers.js';
import type { ParamsOf } from '../compute/params.js';
import { clip, medianOf, type StackBuffers, stackPixels } from './stack-pixels.js';

/** Scatter of sorted[lo..hi), at least 3 samples, about their median m; clipping ends where it is 0. */
export type Scatter = (sorted: Float32Array, lo: number, hi: number, m: number) => number;

/** The loop of contracts/stack-kappa-sigma.ts with another scatter in place of the standard deviation. */
export function clipAboutMedian(
  p: ParamsOf<typeof clippingParams>,
  b: StackBuffers,
  scatterOf: Scatter,
): void {
  const { kappaLow, kappaHigh, maxIterations } = p;
  stackPixels(p, b, p.combine, (sorted, range) => {
    for (let i = 0; i < maxIterations && range.hi - range.lo >= 3; i++) {
      const m = medianOf(sorted, range.lo, range.hi);
      const s = scatterOf(sorted, range.lo, range.hi, m);
      if (s === 0) return;
      if (!clip(sorted, range, m, kappaLow * s, kappaHigh * s)) return;
    }
  });
}

// Twin of contracts/stack-kappa-sigma.ts.
import type { stackKappaSigma as contract } from '../../compute/contracts/stack-kappa-sigma.js';
import type { ParamsOf } from '../../compute/params.js';
import { clip, deviationOf, medianOf, type StackBuffers, stackPixels } from '../stack-pixels.js';

/** Iterative clipping about the median; see the contract. */
export function stackKappaSigma(p: ParamsOf<typeof contract.params>, b: StackBuffers): void {
  const { kappaLow, kappaHigh, maxIterations } = p;
  stackPixels(p, b, p.combine, (sorted, range) => {
    for (let i = 0; i < maxIterations && range.hi - range.lo >= 3; i++) {
      const s = deviationOf(sorted, range.lo, range.hi);
      if (s === 0) return;
      if (!clip(sorted, range, medianOf(sorted, range.lo, range.hi), kappaLow * s, kappaHigh * s)) return;
    }
  });
}

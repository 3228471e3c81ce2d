// Twin of contracts/stack-esd.ts.
import type { stackEsd as contract } from '../../compute/contracts/stack-esd.js';
import type { ParamsOf } from '../../compute/params.js';
import { keepRun, medianOf, type StackBuffers, stackPixels } from '../stack-pixels.js';

/** Generalised extreme studentised deviate test; see the contract. */
export function stackEsd(
  p: ParamsOf<typeof contract.params>,
  b: StackBuffers & { readonly critical: Float32Array },
): void {
  stackPixels(p, b, p.combine, (sorted, range) => {
    const n = range.hi;
    const most = Math.floor((n * p.mostPerMille) / 1000);
    const origin = medianOf(sorted, 0, n);
    let lo = 0;
    let hi = n;
    let [first, end] = [lo, hi];
    for (let taken = 0; taken < most && hi - lo >= 3 && sorted[lo] < sorted[hi - 1]; taken++) {
      const m = hi - lo;
      let sum = 0;
      for (let k = lo; k < hi; k++) sum += sorted[k] - origin;
      const mean = sum / m;
      let squares = 0;
      for (let k = lo; k < hi; k++) squares += (sorted[k] - origin - mean) ** 2;
      const s = Math.sqrt(squares / (m - 1));
      const below = mean - (sorted[lo] - origin);
      const above = sorted[hi - 1] - origin - mean;
      if (above >= below) hi--;
      else lo++;
      if (Math.max(above, below) > b.critical[m] * s) [first, end] = [lo, hi];
    }
    keepRun(sorted, range, first, end);
  });
}

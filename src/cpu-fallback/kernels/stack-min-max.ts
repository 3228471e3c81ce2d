// Twin of contracts/stack-min-max.ts.
import type { stackMinMax as contract } from '../../compute/contracts/stack-min-max.js';
import type { ParamsOf } from '../../compute/params.js';
import { keepRun, type StackBuffers, stackPixels } from '../stack-pixels.js';

/** Drops extremes by count; see the contract. */
export function stackMinMax(p: ParamsOf<typeof contract.params>, b: StackBuffers): void {
  stackPixels(p, b, p.combine, (sorted, range) => {
    const n = range.hi;
    if (n >= 3 && n > p.dropLow + p.dropHigh) keepRun(sorted, range, p.dropLow, n - p.dropHigh);
  });
}

// Twin of contracts/stack-percentile.ts.
import type { stackPercentile as contract } from '../../compute/contracts/stack-percentile.js';
import type { ParamsOf } from '../../compute/params.js';
import { clipAboutMedian } from '../clip-about-median.js';
import type { StackBuffers } from '../stack-pixels.js';

/** Clipping beyond shares of the median; see the contract. */
export function stackPercentile(p: ParamsOf<typeof contract.params>, b: StackBuffers): void {
  clipAboutMedian(p, b, (_sorted, _lo, _hi, m) => Math.abs(m));
}

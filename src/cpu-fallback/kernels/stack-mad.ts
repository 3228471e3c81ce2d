// Twin of contracts/stack-mad.ts.
import { MAD_CONSISTENCY, type stackMad as contract } from '../../compute/contracts/stack-mad.js';
import type { ParamsOf } from '../../compute/params.js';
import { clipAboutMedian } from '../clip-about-median.js';
import type { StackBuffers } from '../stack-pixels.js';

/** Clipping about the median by the median absolute deviation; see the contract. */
export function stackMad(p: ParamsOf<typeof contract.params>, b: StackBuffers): void {
  clipAboutMedian(p, b, madSigma);
}

/** Consistent sigma of sorted[lo..hi): its distances from the median m are merged from the middle outwards up to the middle ones. */
function madSigma(sorted: Float32Array, lo: number, hi: number, m: number): number {
  const n = hi - lo;
  const rank = n >> 1;
  let above = lo;
  while (above < hi && sorted[above] < m) above++;
  let below = above - 1;
  let before = 0;
  let distance = 0;
  for (let k = 0; k <= rank; k++) {
    before = distance;
    const down = below >= lo ? m - sorted[below] : Infinity;
    const up = above < hi ? sorted[above] - m : Infinity;
    distance = Math.min(down, up);
    if (down <= up) below--;
    else above++;
  }
  return MAD_CONSISTENCY * (n & 1 ? distance : (before + distance) / 2);
}

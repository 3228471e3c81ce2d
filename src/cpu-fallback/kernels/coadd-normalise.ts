// Twin of contracts/coadd-normalise.ts.
import { BLANK_VALUE } from '../../compute/constants.js';
import type { coaddNormalise as contract } from '../../compute/contracts/coadd-normalise.js';
import type { ParamsOf } from '../../compute/params.js';

/** Running sums to their weighted mean; see the contract. */
export function coaddNormalise(
  p: ParamsOf<typeof contract.params>,
  b: { sum: Float32Array; weight: Float32Array; mean: Float32Array },
): void {
  const n = p.planes * p.pixels;
  for (let i = 0; i < n; i++) b.mean[i] = b.weight[i] > 0 ? b.sum[i] / b.weight[i] : BLANK_VALUE;
}

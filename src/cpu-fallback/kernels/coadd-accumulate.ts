// Twin of contracts/coadd-accumulate.ts.
import { BLANK_LIMIT } from '../../compute/constants.js';
import type { coaddAccumulate as contract } from '../../compute/contracts/coadd-accumulate.js';
import type { ParamsOf } from '../../compute/params.js';

/** Adds one slot of the cube, weighted, to running sums; see the contract. */
export function coaddAccumulate(
  p: ParamsOf<typeof contract.params>,
  b: {
    cube: Float32Array;
    frame_weights: Float32Array;
    sum: Float32Array;
    weight: Float32Array;
    used: Uint32Array;
  },
): void {
  for (let c = 0; c < p.planes; c++) {
    const plane = p.slot * p.planes + c;
    const w = b.frame_weights[plane];
    for (let i = 0; i < p.pixels; i++) {
      const v = b.cube[plane * p.pixels + i];
      if (!(v > BLANK_LIMIT)) continue;
      const at = c * p.pixels + i;
      b.sum[at] += w * v;
      b.weight[at] += w;
      b.used[at]++;
    }
  }
}

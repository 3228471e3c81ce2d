// Twin of contracts/stack-mean.ts.
import { BLANK_LIMIT, BLANK_VALUE } from '../../compute/constants.js';
import type { StackBuffers, StackParams } from '../stack-pixels.js';

/** Weighted mean of all valid samples; see the contract. */
export function stackMean(p: StackParams, b: StackBuffers): void {
  const { pixels, planes, slots } = p;
  const sum = new Float64Array(pixels);
  const weight = new Float64Array(pixels);
  for (let c = 0; c < planes; c++) {
    sum.fill(0);
    weight.fill(0);
    const used = b.used.subarray(c * pixels, (c + 1) * pixels).fill(0);
    for (let s = 0; s < slots; s++) {
      const from = (s * planes + c) * pixels;
      const w = b.frame_weights[s * planes + c];
      for (let i = 0; i < pixels; i++) {
        const v = b.cube[from + i];
        if (!(v > BLANK_LIMIT)) continue;
        sum[i] += w * v;
        weight[i] += w;
        used[i]++;
      }
    }
    for (let i = 0; i < pixels; i++) {
      const at = c * pixels + i;
      b.mean[at] = used[i] > 0 ? sum[i] / weight[i] : BLANK_VALUE;
      b.weight[at] = weight[i];
      b.rejected_low[at] = 0;
      b.rejected_high[at] = 0;
    }
  }
}

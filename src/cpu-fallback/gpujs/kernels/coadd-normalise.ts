// gpu.js kernel of contracts/coadd-normalise.ts.
import type { coaddNormalise as contract } from '../../../compute/contracts/coadd-normalise.js';
import type { ParamsOf } from '../../../compute/params.js';
import type { DeviceKernel, DeviceThis } from '../device-code.js';
import type { GpujsEngine } from '../engine.js';
import { CHUNK } from '../tiles.js';

const divide: DeviceKernel = {
  name: 'coadd-normalise',
  arguments: { sums: 'Array', weights: 'Array' },
  output: [CHUNK],
  code: function (this: DeviceThis, sums: Float32Array, weights: Float32Array) {
    const w = weights[this.thread.x];
    let mean = this.constants.blankValue;
    if (w > 0) mean = sums[this.thread.x] / w;
    return mean;
  },
};

/** Running sums to their weighted mean; see the contract. */
export async function coaddNormalise(
  engine: GpujsEngine,
  p: ParamsOf<typeof contract.params>,
  b: { sum: Float32Array; weight: Float32Array; mean: Float32Array },
  turn: () => Promise<void>,
): Promise<void> {
  const length = p.planes * p.pixels;
  const sums = new Float32Array(CHUNK);
  const weights = new Float32Array(CHUNK);
  for (let start = 0; start < length; start += CHUNK) {
    const end = Math.min(length, start + CHUNK);
    sums.set(b.sum.subarray(start, end));
    weights.set(b.weight.subarray(start, end));
    const means = engine.launch(divide, [sums, weights]) as Float32Array;
    b.mean.set(means.subarray(0, end - start), start);
    await turn();
  }
}

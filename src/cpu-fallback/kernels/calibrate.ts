// Twin of contracts/calibrate.ts.
import { BLANK_LIMIT, BLANK_VALUE } from '../../compute/constants.js';
import type { calibrate as contract } from '../../compute/contracts/calibrate.js';
import type { ParamsOf } from '../../compute/params.js';

/** Takes bias and dark signal off and divides by the flat; see the contract. */
export function calibrate(
  p: ParamsOf<typeof contract.params>,
  b: {
    image: Float32Array;
    bias: Float32Array;
    dark: Float32Array;
    flat: Float32Array;
    calibrated: Float32Array;
  },
): void {
  const { biasScale, darkScale, hasFlat } = p;
  const n = p.planes * p.pixels;
  for (let i = 0; i < n; i++) {
    const bias = biasScale === 0 ? 0 : b.bias[i];
    const dark = darkScale === 0 ? 0 : b.dark[i];
    const flat = hasFlat === 0 ? 1 : b.flat[i];
    const valid = b.image[i] > BLANK_LIMIT && bias > BLANK_LIMIT && dark > BLANK_LIMIT && flat > 0;
    b.calibrated[i] = valid ? (b.image[i] - biasScale * bias - darkScale * dark) / flat : BLANK_VALUE;
  }
}

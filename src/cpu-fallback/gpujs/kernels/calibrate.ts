// gpu.js kernel of contracts/calibrate.ts.
import type { calibrate as contract } from '../../../compute/contracts/calibrate.js';
import type { ParamsOf } from '../../../compute/params.js';
import type { DeviceKernel, DeviceThis } from '../device-code.js';
import type { GpujsEngine } from '../engine.js';
import { CHUNK } from '../tiles.js';

/** A master that is left out comes as zeros, a flat as ones: 0 times 0 is exact, and so is a division by 1. */
const correct: DeviceKernel = {
  name: 'calibrate',
  arguments: {
    image: 'Array',
    bias: 'Array',
    dark: 'Array',
    flat: 'Array',
    biasScale: 'Float',
    darkScale: 'Float',
  },
  output: [CHUNK],
  code: function (
    this: DeviceThis,
    image: Float32Array,
    bias: Float32Array,
    dark: Float32Array,
    flat: Float32Array,
    biasScale: number,
    darkScale: number,
  ) {
    const limit = this.constants.blankLimit;
    const v = image[this.thread.x];
    const b = bias[this.thread.x];
    const d = dark[this.thread.x];
    const f = flat[this.thread.x];
    let value = this.constants.blankValue;
    if (v > limit && b > limit && d > limit && f > 0) value = (v - biasScale * b - darkScale * d) / f;
    return value;
  },
};

/** Takes bias and dark signal off and divides by the flat; see the contract. */
export async function calibrate(
  engine: GpujsEngine,
  p: ParamsOf<typeof contract.params>,
  b: {
    image: Float32Array;
    bias: Float32Array;
    dark: Float32Array;
    flat: Float32Array;
    calibrated: Float32Array;
  },
  turn: () => Promise<void>,
): Promise<void> {
  const length = p.planes * p.pixels;
  const image = new Float32Array(CHUNK);
  const bias = new Float32Array(CHUNK);
  const dark = new Float32Array(CHUNK);
  const flat = new Float32Array(CHUNK).fill(1);
  for (let start = 0; start < length; start += CHUNK) {
    const end = Math.min(length, start + CHUNK);
    image.set(b.image.subarray(start, end));
    if (p.biasScale !== 0) bias.set(b.bias.subarray(start, end));
    if (p.darkScale !== 0) dark.set(b.dark.subarray(start, end));
    if (p.hasFlat !== 0) flat.set(b.flat.subarray(start, end));
    const values = engine.launch(correct, [image, bias, dark, flat, p.biasScale, p.darkScale]);
    b.calibrated.set((values as Float32Array).subarray(0, end - start), start);
    await turn();
  }
}

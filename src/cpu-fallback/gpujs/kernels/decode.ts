// gpu.js kernel of contracts/decode.ts. The bytes are put in order on the host, as gpu.js reads numbers only as float32.
import { BLANK_VALUE, SAMPLE_LIMIT } from '../../../compute/constants.js';
import { type decode as contract, SAMPLE_F32, SAMPLE_I16 } from '../../../compute/contracts/decode.js';
import type { ParamsOf } from '../../../compute/params.js';
import type { DeviceKernel, DeviceThis } from '../device-code.js';
import type { GpujsEngine } from '../engine.js';
import { CHUNK } from '../tiles.js';

const scaleSamples: DeviceKernel = {
  name: 'decode',
  arguments: { stored: 'Array', hasBlank: 'Integer', blank: 'Float', scale: 'Float', zero: 'Float' },
  output: [CHUNK],
  code: function (
    this: DeviceThis,
    stored: Float32Array,
    hasBlank: number,
    blank: number,
    scale: number,
    zero: number,
  ) {
    const v = stored[this.thread.x];
    let physical = v * scale + zero;
    if (hasBlank === 1 && v === blank) physical = this.constants.blankValue;
    return physical;
  },
};

/** Big-endian samples to physical values; see the contract. */
export async function decode(
  engine: GpujsEngine,
  p: ParamsOf<typeof contract.params>,
  b: { raw: Uint32Array; image: Float32Array },
  turn: () => Promise<void>,
): Promise<void> {
  const { width, height, rowSamples, firstSample, sampleType, scale, zero } = p;
  const view = new DataView(b.raw.buffer, b.raw.byteOffset, b.raw.byteLength);
  const hasBlank = p.hasBlank !== 0 && sampleType !== SAMPLE_F32 ? 1 : 0;
  const pixels = width * height;
  const stored = new Float32Array(CHUNK);
  for (let start = 0; start < pixels; start += CHUNK) {
    const size = Math.min(CHUNK, pixels - start);
    // Told before any arithmetic of the device, and put back as blanks afterwards.
    const blanks: number[] = [];
    for (let i = 0, y = Math.floor(start / width), x = start % width; i < size; i++) {
      const sample = y * rowSamples + firstSample + x;
      if (sampleType === SAMPLE_I16) stored[i] = view.getInt16(2 * sample, false);
      else if (sampleType === SAMPLE_F32) {
        const value = view.getFloat32(4 * sample, false);
        const isSample = Number.isFinite(value) && Math.abs(value * scale + zero) <= SAMPLE_LIMIT;
        stored[i] = isSample ? value : 0;
        if (!isSample) blanks.push(start + i);
      } else stored[i] = view.getUint8(sample);
      if (++x === width) {
        x = 0;
        y++;
      }
    }
    const physical = engine.launch(scaleSamples, [stored, hasBlank, p.blank, scale, zero]) as Float32Array;
    b.image.set(physical.subarray(0, size), start);
    for (const at of blanks) b.image[at] = BLANK_VALUE;
    await turn();
  }
}

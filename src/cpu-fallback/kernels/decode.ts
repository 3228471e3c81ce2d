// Twin of contracts/decode.ts.
import { BLANK_VALUE, SAMPLE_LIMIT } from '../../compute/constants.js';
import type { decode as contract } from '../../compute/contracts/decode.js';
import { SAMPLE_F32, SAMPLE_I16 } from '../../compute/contracts/decode.js';
import type { ParamsOf } from '../../compute/params.js';

/** Big-endian samples to physical values; see the contract. The host is little-endian, as every platform of Node is. */
export function decode(
  p: ParamsOf<typeof contract.params>,
  b: { raw: Uint32Array; image: Float32Array },
): void {
  const { width, height, rowSamples, firstSample, scale, zero } = p;
  const view = new DataView(b.raw.buffer, b.raw.byteOffset, b.raw.byteLength);
  const blank = p.hasBlank !== 0 && p.sampleType !== SAMPLE_F32 ? p.blank : NaN;
  for (let y = 0; y < height; y++) {
    const first = y * rowSamples + firstSample;
    const out = y * width;
    if (p.sampleType === SAMPLE_I16) {
      for (let x = 0; x < width; x++) {
        const stored = view.getInt16((first + x) * 2, false);
        b.image[out + x] = stored === blank ? BLANK_VALUE : stored * scale + zero;
      }
    } else if (p.sampleType === SAMPLE_F32) {
      for (let x = 0; x < width; x++) {
        const stored = view.getFloat32((first + x) * 4, false);
        const physical = stored * scale + zero;
        // no number is within no limit
        b.image[out + x] =
          Number.isFinite(stored) && Math.abs(physical) <= SAMPLE_LIMIT ? physical : BLANK_VALUE;
      }
    } else {
      for (let x = 0; x < width; x++) {
        const stored = view.getUint8(first + x);
        b.image[out + x] = stored === blank ? BLANK_VALUE : stored * scale + zero;
      }
    }
  }
}

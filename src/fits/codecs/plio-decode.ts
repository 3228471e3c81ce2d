// PLIO_1 (FITS 4.0, section 10.4.3; the IRAF pixel-list encoding): runs of masks with values 0 .. 2^24-1.
import { CorruptTile } from './codec-error.js';

/** Decodes `count` pixels from big-endian 16-bit instructions. Pixels beyond the list are 0. */
export function decodePlio(bytes: Uint8Array, count: number): Int32Array {
  const list = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const words = Math.floor(bytes.length / 2);
  if (words < 3) throw new CorruptTile('plio-short');
  const word = (i: number) => list.getInt16(i * 2);
  // Word 3 holds the length in the old form; it is <= 0 in the new one, which has a 30-bit length behind it.
  let first = 3;
  let length = word(2);
  if (length <= 0) {
    if (words < 7) throw new CorruptTile('plio-short');
    length = word(4) * 32768 + word(3);
    first = word(1);
  }
  if (first < 0 || length > words) throw new CorruptTile('plio-length');
  const out = new Int32Array(count);
  let at = 0;
  let high = 1;
  const run = (pixels: number) => {
    const start = at;
    at = Math.min(count, at + pixels);
    return start;
  };
  for (let i = first; i < length; i++) {
    const instruction = list.getUint16(i * 2);
    const data = instruction & 0xfff;
    switch (instruction >> 12) {
      case 0: // zeros
        run(data);
        break;
      case 1: // set the high value from two words
        if (i + 1 >= length) throw new CorruptTile('plio-end');
        high = word(++i) * 4096 + data;
        break;
      case 2:
        high += data;
        break;
      case 3:
        high -= data;
        break;
      case 4: // highs
        out.fill(high, run(data), at);
        break;
      case 5: // zeros and a last high
        if (data > 0 && at + data <= count) out[at + data - 1] = high;
        run(data);
        break;
      case 6: // up by data, one pixel
      case 7: // down by data, one pixel
        high += instruction >> 12 === 6 ? data : -data;
        if (at < count) out[at++] = high;
        break;
      default:
        throw new CorruptTile('plio-opcode');
    }
  }
  return out;
}

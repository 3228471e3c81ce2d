// RICE_1 (FITS 4.0, section 10.4.1; Rice, Yeh & Miller 1993): differences of neighbours, a Golomb-Rice code a block.
import { CorruptTile } from './codec-error.js';

/** Bits of the block's code number, its escape value, and bits of a raw difference, per pixel width in bytes. */
const WIDTHS = {
  1: { codeBits: 3, escape: 6, rawBits: 8 },
  2: { codeBits: 4, escape: 14, rawBits: 16 },
  4: { codeBits: 5, escape: 25, rawBits: 32 },
} as const;

/**
 * Decodes `count` pixels: unsigned for `bytePix` 1, signed for 2 and 4. Throws `CorruptTile` when the bytes end early.
 */
export function decodeRice(
  bytes: Uint8Array,
  count: number,
  blockSize: number,
  bytePix: 1 | 2 | 4,
): Int32Array {
  const { codeBits, escape, rawBits } = WIDTHS[bytePix];
  const length = bytes.length;
  // Bits the stream needs at the least: refuse before allocating what a lying header asks for.
  if (length * 8 < bytePix * 8 + Math.ceil(count / blockSize) * codeBits) throw new CorruptTile('rice-short');
  const out = new Int32Array(count);
  const drop = 32 - bytePix * 8;
  let last = 0;
  for (let i = 0; i < bytePix; i++) last = (last << 8) | bytes[i];
  let at: number = bytePix;
  // The next bits of the stream, first bit on top; `held` of them are valid, those below are 0.
  let word = 0;
  let held = 0;
  for (let i = 0; i < count;) {
    while (held <= 24) {
      if (at < length) word |= bytes[at] << (24 - held);
      at++;
      held += 8;
    }
    const code = (word >>> (32 - codeBits)) - 1;
    word <<= codeBits;
    held -= codeBits;
    const end = Math.min(i + blockSize, count);
    if (code < 0) {
      out.fill(bytePix === 1 ? last & 0xff : (last << drop) >> drop, i, end);
      i = end;
    } else if (code === escape) {
      for (; i < end; i++) {
        let raw = 0;
        for (let left: number = rawBits; left > 0; left -= 8) {
          while (held <= 24) {
            if (at < length) word |= bytes[at] << (24 - held);
            at++;
            held += 8;
          }
          raw = (raw << 8) | (word >>> 24);
          word <<= 8;
          held -= 8;
        }
        last = (last + ((raw >>> 1) ^ -(raw & 1))) | 0;
        out[i] = last;
      }
    } else {
      const shift = 32 - code;
      for (; i < end; i++) {
        while (held <= 24) {
          if (at < length) word |= bytes[at] << (24 - held);
          at++;
          held += 8;
        }
        let zeros = 0;
        while (word === 0) {
          zeros += held;
          if (at > length + 8) throw new CorruptTile('rice-end');
          held = 0;
          while (held <= 24) {
            if (at < length) word |= bytes[at] << (24 - held);
            at++;
            held += 8;
          }
        }
        const lead = Math.clz32(word);
        zeros += lead;
        word = (word << lead) << 1;
        held -= lead + 1;
        let value = zeros << code;
        if (code > 0) {
          while (held <= 24) {
            if (at < length) word |= bytes[at] << (24 - held);
            at++;
            held += 8;
          }
          value |= word >>> shift;
          word <<= code;
          held -= code;
        }
        last = (last + ((value >>> 1) ^ -(value & 1))) | 0;
        out[i] = last;
      }
    }
    // Bytes were taken ahead of need; more than the word holds means the stream had ended.
    if (at - (held >> 3) > length) throw new CorruptTile('rice-end');
  }
  if (bytePix === 1) for (let i = 0; i < count; i++) out[i] &= 0xff;
  else if (bytePix === 2) for (let i = 0; i < count; i++) out[i] = (out[i] << 16) >> 16;
  return out;
}

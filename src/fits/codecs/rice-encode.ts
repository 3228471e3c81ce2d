// RICE_1 encoding, the mirror of rice-decode.ts.

const WIDTHS = {
  1: { codeBits: 3, escape: 6, rawBits: 8 },
  2: { codeBits: 4, escape: 14, rawBits: 16 },
  4: { codeBits: 5, escape: 25, rawBits: 32 },
} as const;

/**
 * Encodes pixels (unsigned for `bytePix` 1, signed for 2 and 4) in blocks of `blockSize`. Differences wrap at the pixel
 * width, as the decoder's sums do.
 */
export function encodeRice(pixels: Int32Array, blockSize: number, bytePix: 1 | 2 | 4): Uint8Array {
  const { codeBits, escape, rawBits } = WIDTHS[bytePix];
  const count = pixels.length;
  const drop = 32 - rawBits;
  // Worst case: every block escapes; plus the first pixel and the word being filled.
  const out = new Uint8Array(
    bytePix + Math.ceil((count * rawBits + Math.ceil(count / blockSize) * codeBits) / 8) + 8,
  );
  let at = 0;
  for (let i = bytePix - 1; i >= 0; i--) out[at++] = (pixels[0] >>> (8 * i)) & 0xff;
  let word = 0;
  let held = 0;
  /** Appends up to 24 bits. */
  const put = (value: number, bits: number) => {
    word = (word << bits) | value;
    held += bits;
    while (held >= 8) {
      held -= 8;
      out[at++] = (word >>> held) & 0xff;
    }
    word &= (1 << held) - 1;
  };
  const mapped = new Float64Array(blockSize);
  let last = pixels[0];
  for (let start = 0; start < count; start += blockSize) {
    const length = Math.min(blockSize, count - start);
    let sum = 0;
    for (let i = 0; i < length; i++) {
      const difference = ((pixels[start + i] - last) << drop) >> drop;
      last = pixels[start + i];
      // Small of either sign -> small unsigned.
      const value = ((difference << 1) ^ (difference >> 31)) >>> 0;
      mapped[i] = value;
      sum += value;
    }
    // Bits to keep of each value: about log2 of the mean.
    const mean = Math.max(0, sum - length / 2 - 1) / length;
    const keep = mean < 1 ? 0 : Math.floor(Math.log2(mean)) + 1;
    if (sum === 0) {
      put(0, codeBits);
    } else if (keep >= escape) {
      put(escape + 1, codeBits);
      for (let i = 0; i < length; i++) {
        for (let shift: number = rawBits - 8; shift >= 0; shift -= 8) put((mapped[i] >>> shift) & 0xff, 8);
      }
    } else {
      put(keep + 1, codeBits);
      const low = 2 ** keep - 1;
      for (let i = 0; i < length; i++) {
        for (let zeros = mapped[i] >>> keep; ; zeros -= 24) {
          if (zeros < 24) {
            put(1, zeros + 1);
            break;
          }
          put(0, 24);
        }
        if (keep > 16) {
          put((mapped[i] & low) >>> 16, keep - 16);
          put(mapped[i] & 0xffff, 16);
        } else if (keep > 0) put(mapped[i] & low, keep);
      }
    }
  }
  if (held > 0) put(0, 8 - held);
  return out.slice(0, at);
}

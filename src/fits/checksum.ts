// CHECKSUM and DATASUM (FITS 4.0, section 4.4.2.7 and appendix J): 32-bit one's-complement sums and their ASCII form.

/**
 * Adds the big-endian 32-bit words of `bytes` (a multiple of 4) to a one's-complement sum, carries wrapped around.
 */
export function addToSum(sum: number, bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let total = sum;
  // Doubles hold 2^21 words without rounding: fold well before that.
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(bytes.length, at + 4 * (1 << 20));
    for (; at < end; at += 4) total += view.getUint32(at);
    total = fold(total);
  }
  return total;
}

/** The one's-complement sum of two sums. */
export function joinSums(a: number, b: number): number {
  return fold(a + b);
}

function fold(total: number): number {
  let rest = total;
  while (rest > 0xffffffff) rest = (rest % 4294967296) + Math.floor(rest / 4294967296);
  return rest;
}

/** ASCII punctuation between the digits and the letters is not to be used (appendix J, step 3). */
const isPunctuation = (code: number) => (code >= 0x3a && code <= 0x40) || (code >= 0x5b && code <= 0x60);

/**
 * The 16 characters that bring the sum of an HDU to -0 when they stand in the CHECKSUM card, which held 16 zeros
 * while `sum` was taken (appendix J.2).
 */
export function encodeChecksum(sum: number): string {
  const complement = ~sum >>> 0;
  const characters = new Array<number>(16);
  for (let i = 0; i < 4; i++) {
    const byte = (complement >>> (24 - 8 * i)) & 0xff;
    const quotient = (byte >> 2) + 0x30;
    const four = [quotient + (byte & 3), quotient, quotient, quotient];
    // Move pairs apart, keeping their sum, until none is punctuation.
    while (four.some(isPunctuation)) {
      for (const pair of [0, 2]) {
        if (isPunctuation(four[pair]) || isPunctuation(four[pair + 1])) {
          four[pair]++;
          four[pair + 1]--;
        }
      }
    }
    four.forEach((code, j) => (characters[4 * j + i] = code));
  }
  // Rotated right by one, because the string begins at an odd byte of the card's words.
  return String.fromCharCode(characters[15], ...characters.slice(0, 15));
}

// CHECKSUM and DATASUM (FITS 4.0, section 4.4.2.7 and appendix J): 32-bit one's-complement sums and their ASCII form.

/** Words whose byte lanes are added before a lane of 16 bits could overflow: 257 times 255 is 65535. */
const LANE_WORDS = 256;

const HOST_IS_LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/**
 * Adds the big-endian 32-bit words of `bytes` (a multiple of 4) to a one's-complement sum, carries wrapped around.
 */
export function addToSum(sum: number, bytes: Uint8Array): number {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const words = new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4);
  // The words are read as the host has them; each byte's place is summed by itself, two places in one number.
  const places = [0, 0, 0, 0];
  for (let at = 0; at < words.length;) {
    const end = Math.min(words.length, at + LANE_WORDS);
    let even = 0;
    let odd = 0;
    for (; at < end; at++) {
      const word = words[at];
      even = (even + (word & 0x00ff00ff)) | 0;
      odd = (odd + ((word >>> 8) & 0x00ff00ff)) | 0;
    }
    places[0] += even & 0xffff;
    places[1] += odd & 0xffff;
    places[2] += even >>> 16;
    places[3] += odd >>> 16;
  }
  // `places` begins with the lowest byte of the host's words, the first byte in the file of a little-endian host.
  const [first, second, third, fourth] = HOST_IS_LITTLE_ENDIAN ? places : places.reverse();
  // Folded one by one: each term is below 2^53 for any buffer that fits a Uint8Array.
  return [fourth, third * 2 ** 8, second * 2 ** 16, first * 2 ** 24].reduce(
    (total, term) => fold(total + fold(term)),
    sum,
  );
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

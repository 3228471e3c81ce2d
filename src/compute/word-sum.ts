// Sums of counts, which may be larger than a count can be.

/** The sum, exact below 2^53 (2^21 words of any size): its lower and its upper 32 bits. */
export function wordSum(words: Uint32Array): Uint32Array {
  let sum = 0;
  for (let i = 0; i < words.length; i++) sum += words[i];
  return Uint32Array.of(sum % 2 ** 32, sum / 2 ** 32);
}

/** The number that `wordSum` took apart. */
export function fromWordSum(words: ArrayLike<number>): number {
  return words[0] + words[1] * 2 ** 32;
}

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { codeWords, wordLengths } from '../../src/output/huffman-code.js';

/** Bits of all symbols under an unlimited Huffman code: what its merges sum up to. */
function leastBits(counts: readonly number[]): number {
  const left = counts.filter((count) => count > 0);
  let bits = 0;
  while (left.length > 1) {
    left.sort((a, b) => b - a);
    const pair = (left.pop() ?? 0) + (left.pop() ?? 0);
    bits += pair;
    left.push(pair);
  }
  return bits;
}

const total = (counts: ArrayLike<number>, lengths: Uint8Array): number =>
  lengths.reduce((sum, length, s) => sum + length * counts[s], 0);

test('no code takes fewer bits where the limit does not bind', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 2, maxLength: 60 }), (counts) => {
      fc.pre(counts.filter((count) => count > 0).length > 1);
      expect(total(counts, wordLengths(Uint32Array.from(counts), 60))).toBe(leastBits(counts));
    }),
  );
});

test('words keep to the limit, fill the code, and none begins another', () => {
  // each as frequent as all before it: an unlimited code would take 39 bits
  const counts = Uint32Array.from({ length: 32 }, (_, s) => 2 ** s);
  const lengths = wordLengths(counts, 15);
  expect(Math.max(...lengths)).toBe(15);
  expect(lengths.reduce((sum, length) => sum + 2 ** -length, 0)).toBe(1);
  const texts = Array.from(codeWords(lengths), (word, s) =>
    Array.from({ length: lengths[s] }, (_, bit) => (word >>> bit) & 1).join(''),
  );
  for (const a of texts) for (const b of texts) expect(a !== b && b.startsWith(a)).toBe(false);
});

test('one symbol gets one bit, one that does not occur none', () => {
  expect([...wordLengths(Uint32Array.of(0, 9, 0), 15)]).toEqual([0, 1, 0]);
  expect([...wordLengths(Uint32Array.of(0, 0), 15)]).toEqual([0, 0]);
});

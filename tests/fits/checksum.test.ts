import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addToSum } from '../../src/fits/checksum.js';

/** Appendix J word by word, with carries wrapped round at each. */
function reference(sum: number, bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let total = BigInt(sum);
  for (let at = 0; at < bytes.length; at += 4) {
    total += BigInt(view.getUint32(at));
    total = (total & 0xffffffffn) + (total >> 32n);
  }
  return Number(total);
}

test('the sum is that of the words as the file holds them, wherever the bytes lie in memory', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 0, maxLength: 4000 }),
      fc.nat(0xffffffff),
      fc.nat(3),
      (data, sum, skip) => {
        const words = Math.max(0, Math.floor((data.length - skip) / 4));
        const bytes = data.subarray(Math.min(skip, data.length)).subarray(0, 4 * words);
        expect(addToSum(sum, bytes)).toBe(reference(sum, bytes));
      },
    ),
  );
});

test('no place of a word overflows in a long run of the largest bytes', () => {
  const bytes = new Uint8Array(4 * 300_001).fill(0xff);
  bytes[5] = 0x12;
  expect(addToSum(7, bytes)).toBe(reference(7, bytes));
});

// Set up for every test file: arrays of numbers that hold the same bytes are equal at once. Vitest asks element by element, seconds for the pixels of a small
// mosaic. Where a byte differs it still does, and says where.
import { expect } from 'vitest';

expect.addEqualityTesters([
  (a: unknown, b: unknown): true | undefined => (holdSameBytes(a, b) ? true : undefined),
]);

function holdSameBytes(a: unknown, b: unknown): boolean {
  if (!ArrayBuffer.isView(a) || !ArrayBuffer.isView(b) || a.constructor !== b.constructor) return false;
  return Buffer.compare(bytesOf(a), bytesOf(b)) === 0;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

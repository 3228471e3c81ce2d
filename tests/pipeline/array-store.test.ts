// Arrays of many frames in common blocks.
import { expect, it } from 'vitest';
import { ArrayStore, storedBytes } from '../../src/pipeline/array-store.js';

const MIB = 2 ** 20;

it('copies stand side by side in one block of as many bytes as they take together', () => {
  const arrays = [Float64Array.of(1, 2, NaN), Uint8Array.of(3, 4, 5), Float32Array.of(0.1, -0)];
  const store = new ArrayStore(storedBytes(arrays));
  const kept = arrays.map((values) => store.keep(values));
  expect(kept).toEqual(arrays);
  expect(new Set(kept.map(({ buffer }) => buffer)).size).toBe(1);
  expect(kept[0].buffer.byteLength).toBe(24 + 8 + 8);
  arrays[1].fill(0);
  expect([...kept[1]]).toEqual([3, 4, 5]);
});

it('of more there are blocks that the C library maps apart, and one as large as what is left', () => {
  const store = new ArrayStore(70 * MIB);
  const kept = Array.from({ length: 70 }, (_, k) => store.keep(new Uint8Array(MIB).fill(k)));
  const blocks = [...new Set(kept.map(({ buffer }) => buffer))];
  expect(blocks.map(({ byteLength }) => byteLength / MIB)).toEqual([34, 34, 2]);
  kept.forEach((values, k) => expect([values[0], values[MIB - 1]]).toEqual([k, k]));
});

it('what is more than was told has room all the same', () => {
  const store = new ArrayStore(8);
  expect([store.keep(Float64Array.of(1)), store.keep(Float64Array.of(2, 3))]).toEqual([
    Float64Array.of(1),
    Float64Array.of(2, 3),
  ]);
});

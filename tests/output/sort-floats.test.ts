import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sortFloats } from '../../src/output/sort-floats.js';

test('the order is that of the numbers, whatever their sign and size', () => {
  fc.assert(
    fc.property(fc.float32Array({ noNaN: true, maxLength: 300 }), (values) => {
      expect([...sortFloats(values.slice())]).toEqual([...values.slice().sort()]);
    }),
  );
});

test('a part of an array is sorted where it lies', () => {
  const values = Float32Array.from([9, 3, -Infinity, 2, Infinity, -1e-40, -7, 0]);
  sortFloats(values.subarray(1, 7));
  expect([...values]).toEqual([9, -Infinity, -7, Math.fround(-1e-40), 2, 3, Infinity, 0]);
});

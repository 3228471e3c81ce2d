import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { medianOf } from '../../src/photometry/mesh-repair.js';
import { selectMedian, selectRank } from '../../src/photometry/select-median.js';

describe('selectMedian', () => {
  it.each([1, 2, 3, 10, 101, 1000])('of %i values is the middle of the sorted ones', (count) => {
    let seed = count;
    const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
    for (const levels of [1, 3, 1e6]) {
      const values = Float32Array.from({ length: count }, () => Math.floor(random() * levels));
      expect(selectMedian(values.slice())).toBe(medianOf(values));
      expect(selectMedian(values.slice().reverse())).toBe(medianOf(values));
    }
  });
});

it('selectRank finds what sorting finds at any rank', () => {
  fc.assert(
    fc.property(fc.float32Array({ noNaN: true, minLength: 1, maxLength: 60 }), fc.nat(), (values, some) => {
      const rank = some % values.length;
      expect(selectRank(values.slice(), rank) === values.slice().sort()[rank]).toBe(true);
    }),
  );
  expect(selectRank(Float32Array.of(2, 2, 1, 2, 3, 3), 3)).toBe(2);
});

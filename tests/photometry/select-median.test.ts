import { describe, expect, it } from 'vitest';
import { medianOf } from '../../src/photometry/mesh-repair.js';
import { selectMedian } from '../../src/photometry/select-median.js';

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

import { describe, expect, it } from 'vitest';
import { CellSorter } from '../../../src/photometry/background/cell-sorter.js';
import { seededRandom } from '../../helpers/kernel-runs.js';

function sortedValues(samples: Float32Array, unit: number) {
  const cell = new CellSorter(samples.length).sort(samples, samples.length, unit);
  return {
    values: Array.from(cell.sorted.subarray(0, samples.length), (v) => cell.offset + cell.scale * v),
    quantum: cell.scale * cell.quantum,
  };
}

describe('cell sorter', () => {
  it('sorts integers over the whole 16-bit range as the engine does and finds their step', () => {
    const random = seededRandom(1);
    for (const step of [1, 4, 16]) {
      const samples = Float32Array.from({ length: 500 }, () => Math.floor((random() * 65536) / step) * step);
      const { values, quantum } = sortedValues(samples, 1);
      expect(values).toEqual(Array.from(samples).sort((a, b) => a - b));
      expect(quantum).toBe(step);
    }
  });

  it('takes scaled integers in units of BSCALE', () => {
    const samples = Float32Array.from([3, 1, 2], (k) => 100 + 0.25 * k);
    expect(sortedValues(samples, 0.25)).toEqual({ values: [100.25, 100.5, 100.75], quantum: 0.25 });
  });

  it('sorts floats, and integers wider than 16 bits', () => {
    expect(sortedValues(Float32Array.of(2.5, -1, 0.25), 0).values).toEqual([-1, 0.25, 2.5]);
    expect(sortedValues(Float32Array.of(1e7, 5, 1e6), 1).values).toEqual([5, 1e6, 1e7]);
  });
});

// Samples that were sorted.
import type { OrderedSamples } from './clipped-statistics.js';

/** The first `count` of an ascending list. */
export class SortedSamples implements OrderedSamples {
  constructor(
    private readonly sorted: Float32Array,
    readonly count: number,
  ) {}

  at(rank: number): number {
    return this.sorted[rank];
  }

  below(value: number): number {
    const sorted = this.sorted;
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (sorted[middle] < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  upTo(value: number): number {
    const sorted = this.sorted;
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (sorted[middle] <= value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  moments(low: number, high: number, about: number): { sum: number; squares: number } {
    const sorted = this.sorted;
    const to = this.upTo(high);
    let sum = 0;
    let squares = 0;
    for (let i = this.below(low); i < to; i++) {
      const d = sorted[i] - about;
      sum += d;
      squares += d * d;
    }
    return { sum, squares };
  }
}

// Noise of a raw pixel from differences of like neighbours: gradients and nebulae cancel in them.
import { clippingReach, truncatedVariance } from './clipped-statistics.js';

const LIMIT_SIGMA = 2.5;
const MAX_ITERATIONS = 12;

/** Differences of two samples each, however they are kept. */
export interface DifferenceSums {
  /** Number of differences. */
  readonly differing: number;
  /** Number of differences of at most `reach` in size, and the sum of their squares. */
  within(reach: number): { readonly used: number; readonly squares: number };
}

/**
 * Standard deviation of one sample from differences of two samples each: the scale of the differences by iterated clipping at 2.5 standard
 * deviations with the truncation of a normal distribution undone, over sqrt(2). `start` is a first guess of the standard deviation of one
 * sample, `quantum` the lattice step (0: continuous). 0 when there are no differences or all are 0.
 */
export function differenceNoise(differences: DifferenceSums, start: number, quantum: number): number {
  if (differences.differing === 0) return 0;
  let scale = start > 0 ? start * Math.SQRT2 : Infinity;
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
    const reach = clippingReach(LIMIT_SIGMA * scale, quantum);
    const { used, squares } = differences.within(reach);
    if (used === 0) return scale / Math.SQRT2;
    const inside = scale === Infinity ? 1 : truncatedVariance(Math.max(1.5, reach / scale));
    const next = Math.sqrt(squares / used / inside);
    // the steps shrink about fivefold each: what is left after this one is far below the statistical error of a cell
    const settled = Math.abs(next - scale) <= 2e-3 * scale;
    scale = next;
    if (settled || scale === 0) break;
  }
  return scale / Math.SQRT2;
}

/** Lattice steps of a difference that are counted one by one; wider limits are summed over the differences themselves. */
const COUNTED_STEPS = 1024;
const counts = new Uint32Array(COUNTED_STEPS);

/** The first `count` differences of a list, on a lattice of step `quantum` (0: none). */
export class ListedDifferences implements DifferenceSums {
  #counted = false;

  constructor(
    private readonly differences: Float32Array,
    readonly differing: number,
    private readonly quantum: number,
  ) {}

  within(reach: number): { used: number; squares: number } {
    const { differences, differing: count, quantum } = this;
    let squares = 0;
    let used = 0;
    if (quantum > 0 && reach < (COUNTED_STEPS - 1) * quantum) {
      if (!this.#counted) countSteps(differences, count, quantum);
      this.#counted = true;
      const end = reach / quantum;
      for (let step = 0; step <= end; step++) {
        const n = counts[step];
        squares += n * step * step;
        used += n;
      }
      return { used, squares: squares * quantum * quantum };
    }
    for (let i = 0; i < count; i++) {
      const d = differences[i];
      if (d <= reach && d >= -reach) {
        squares += d * d;
        used++;
      }
    }
    return { used, squares };
  }
}

/** Counts the differences on a lattice by their size: what the limits leave out is then never looked at again. */
function countSteps(differences: Float32Array, count: number, quantum: number): void {
  const perQuantum = 1 / quantum;
  counts.fill(0);
  for (let i = 0; i < count; i++) {
    const step = Math.abs(differences[i]) * perQuantum + 0.5;
    if (step < COUNTED_STEPS) counts[step | 0]++;
  }
}

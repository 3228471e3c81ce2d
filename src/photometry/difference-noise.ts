// Noise of a raw pixel from differences of like neighbours: gradients and nebulae cancel in them.
import { clippingReach, truncatedVariance } from './clipped-statistics.js';

const LIMIT_SIGMA = 2.5;
const MAX_ITERATIONS = 12;
/** Lattice steps of a difference that are counted one by one; wider limits are summed over the differences themselves. */
const COUNTED_STEPS = 1024;
const counts = new Uint32Array(COUNTED_STEPS);

/**
 * Standard deviation of one sample from `differences[0..count)` of two samples each: the scale of the differences by iterated
 * clipping at 2.5 standard deviations with the truncation of a normal distribution undone, over sqrt(2). `start` is a first guess of the
 * standard deviation of one sample, `quantum` the lattice step (0: continuous). 0 when count is 0 or all differences are 0.
 */
export function differenceNoise(
  differences: Float32Array,
  count: number,
  start: number,
  quantum: number,
): number {
  if (count === 0) return 0;
  let scale = start > 0 ? start * Math.SQRT2 : Infinity;
  let counted = false;
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
    const reach = clippingReach(LIMIT_SIGMA * scale, quantum);
    let squares = 0;
    let used = 0;
    if (quantum > 0 && reach < (COUNTED_STEPS - 1) * quantum) {
      if (!counted) countSteps(differences, count, quantum);
      counted = true;
      const end = reach / quantum;
      for (let step = 0; step <= end; step++) {
        const n = counts[step];
        squares += n * step * step;
        used += n;
      }
      squares *= quantum * quantum;
    } else {
      for (let i = 0; i < count; i++) {
        const d = differences[i];
        if (d <= reach && d >= -reach) {
          squares += d * d;
          used++;
        }
      }
    }
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

/** Counts the differences on a lattice by their size: what the limits leave out is then never looked at again. */
function countSteps(differences: Float32Array, count: number, quantum: number): void {
  const perQuantum = 1 / quantum;
  counts.fill(0);
  for (let i = 0; i < count; i++) {
    const step = Math.abs(differences[i]) * perQuantum + 0.5;
    if (step < COUNTED_STEPS) counts[step | 0]++;
  }
}

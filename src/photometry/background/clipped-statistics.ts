// Robust location and scale of one small set of samples: sigma clipping that is exact for data on an integer lattice.

/** Clipping limit in standard deviations. */
export const CLIP_SIGMA = 3;
const MAX_ITERATIONS = 12;

/** Statistics of the survivors of clipping, in the unit of the samples; `count` of them out of the samples given. */
export interface ClippedStatistics {
  readonly count: number;
  readonly mean: number;
  readonly median: number;
  /** Standard deviation, corrected for the clipped tails of a normal distribution. */
  readonly sigma: number;
}

/**
 * Variance of a standard normal distribution cut at +-k, relative to the uncut one: 1 - 2 k phi(k) / (2 Phi(k) - 1) = 1 - 1/S with S the sum of k^2n / (2n+1)!!
 * (Abramowitz & Stegun 26.2.11).
 */
export function truncatedVariance(k: number): number {
  if (k > 8) return 1;
  let term = 1;
  let sum = 1;
  for (let n = 3; term > 1e-17 * sum; n += 2) {
    term *= (k * k) / n;
    sum += term;
  }
  return 1 - 1 / sum;
}

/** Samples in ascending order, however they are kept. */
export interface OrderedSamples {
  readonly count: number;
  /** Sample of a rank from 0 to count - 1. */
  at(rank: number): number;
  /** Number of samples less than `value`, and of those up to it. */
  below(value: number): number;
  upTo(value: number): number;
  /** Sums of the distances from `about`, and of their squares, of the samples from `low` to `high`. */
  moments(low: number, high: number, about: number): { readonly sum: number; readonly squares: number };
}

/**
 * Iterated clipping at CLIP_SIGMA about the median of finite samples. `quantum` is the spacing of the lattice on which the samples lie, 0 for continuous
 * ones: medians are interpolated inside a step and limits stand on half steps, so that neither is biased by the quantisation. The first
 * scale is taken from the lower half only, which stars leave alone.
 */
export function clippedStatistics(samples: OrderedSamples, quantum: number): ClippedStatistics {
  const { count } = samples;
  let median = quantile(samples, 0, count, 0.5, quantum);
  let sigma = median - quantile(samples, 0, count, 0.15865525, quantum);
  if (!(sigma > 0)) sigma = quantum > 0 ? quantum / Math.sqrt(12) : 0;
  let from = 0;
  let to = count;
  let mean = median;
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
    const reach = clippingReach(CLIP_SIGMA * sigma, quantum);
    const [low, high] = [median - reach, median + reach];
    const newFrom = samples.below(low);
    const newTo = samples.upTo(high);
    if (newTo <= newFrom) break;
    if (iteration > 0 && newFrom === from && newTo === to) break;
    from = newFrom;
    to = newTo;
    const { sum, squares } = samples.moments(low, high, median);
    const n = to - from;
    const shift = sum / n;
    mean = median + shift;
    const variance = Math.max(0, squares / n - shift * shift);
    median = quantile(samples, from, to, 0.5, quantum);
    if (variance === 0) {
      sigma = 0;
      break;
    }
    sigma = Math.sqrt(variance / (sigma > 0 ? truncatedVariance(Math.max(1.5, reach / sigma)) : 1));
  }
  return { count: to - from, mean, median, sigma };
}

/** Half-width of a clipping window: on a lattice the next half step, so that the window's edge is where its mass ends. */
export function clippingReach(halfWidth: number, quantum: number): number {
  return quantum > 0 ? (Math.max(1, Math.floor(halfWidth / quantum)) + 0.5) * quantum : halfWidth;
}

/** Quantile of the samples of ranks [from, to); on a lattice the samples of one value count as spread evenly over its step. */
function quantile(
  samples: OrderedSamples,
  from: number,
  to: number,
  fraction: number,
  quantum: number,
): number {
  const rank = from + fraction * (to - from);
  if (quantum > 0) {
    const value = samples.at(Math.min(to - 1, Math.floor(rank)));
    const start = Math.max(samples.below(value), from);
    const end = Math.min(samples.upTo(value), to);
    return value + quantum * ((rank - start) / (end - start) - 0.5);
  }
  const position = Math.min(Math.max(rank - 0.5, from), to - 1);
  const low = samples.at(Math.floor(position));
  const high = samples.at(Math.min(Math.floor(position) + 1, to - 1));
  return low + (high - low) * (position - Math.floor(position));
}

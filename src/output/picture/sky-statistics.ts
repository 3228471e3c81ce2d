// Where the sky is in an image full of stars and nebulosity, and how much it scatters.

/** Level and scatter of the sky in the units of the image. */
export interface SkyLevel {
  /** The most frequent value: the sky wherever it covers more than any other level. */
  readonly level: number;
  /** Gaussian-equivalent scatter of the values below `level`, which no star or nebula raises. */
  readonly sigma: number;
}

/** At most this many values are sorted; a regular sub-sample of a larger image has the same statistics: the most frequent value, which 2^16 tell to 8 % of its scatter, to 12 %. */
export const MAX_SAMPLE = 1 << 14;
/** MAD to standard deviation of a normal distribution. */
const MAD_TO_SIGMA = 1.4826;
/** Width of the window that is moved over the values. */
const WINDOW_SIGMAS = 1.5;

/** The finite values of `values`, thinned at a regular step to at most 2^14, ascending. */
export function sortedSample(values: Float32Array): Float32Array {
  const step = Math.max(1, Math.ceil(values.length / MAX_SAMPLE));
  const kept = new Float32Array(Math.ceil(values.length / step));
  let n = 0;
  for (let i = 0; i < values.length; i += step) if (values[i] - values[i] === 0) kept[n++] = values[i];
  return kept.subarray(0, n).sort();
}

/** Percentile (0-100, linear between ranks) of an ascending, not empty sample. */
export function percentile(sorted: Float32Array, percent: number): number {
  const rank = (Math.min(100, Math.max(0, percent)) / 100) * (sorted.length - 1);
  const low = Math.floor(rank);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (sorted[high] - sorted[low]) * (rank - low);
}

/**
 * Sky of an ascending sample: the mode by the densest window whose width follows the scatter of the darker half,
 * refined by the mean inside it; the scatter from the values below. An empty sample gives level 0, sigma 0. `densestOf`: the middle of the window of such a width.
 */
export function skyLevel(sorted: Float32Array, densestOf = densest): SkyLevel {
  if (sorted.length === 0) return { level: 0, sigma: 0 };
  sorted = withoutPile(sorted);
  // The lower quartile is sky in nearly every field; its distance to the lowest tenth sets the first scale.
  const firstSigma = (percentile(sorted, 25) - percentile(sorted, 5)) / 0.97;
  let sigma = firstSigma;
  let level = percentile(sorted, 25);
  for (let pass = 0; pass < 3; pass++) {
    // The floor keeps the window from shrinking onto one of the steps of coarsely quantised data.
    level = densestOf(sorted, WINDOW_SIGMAS * Math.max(sigma, firstSigma / 2));
    sigma = scatterBelow(sorted, level);
  }
  return { level, sigma };
}

/** The sky of an ascending sample whose level is known. */
export function skyAbout(sorted: Float32Array, level: number): SkyLevel {
  return { level, sigma: scatterBelow(sorted, level) };
}

/** Values cut off at one number (a short exposure clipped at zero) pile up there and would pass for the sky. */
function withoutPile(sorted: Float32Array): Float32Array {
  let ties = 1;
  while (ties < sorted.length && sorted[ties] === sorted[0]) ties++;
  return ties > sorted.length * 0.005 && ties < sorted.length / 2 ? sorted.subarray(ties) : sorted;
}

/** Centre of the first window of such a width that holds most values (the mean of those values). */
function densest(sorted: Float32Array, width: number): number {
  let bestStart = 0;
  let most = 0;
  // A window is looked into only beyond the number that the best one so far holds.
  for (let start = 0; start + most < sorted.length; start++) {
    const limit = sorted[start] + width;
    if (!(sorted[start + most] <= limit)) continue;
    while (start + most < sorted.length && sorted[start + most] <= limit) most++;
    bestStart = start;
  }
  let sum = 0;
  for (let i = bestStart; i < bestStart + most; i++) sum += sorted[i];
  return sum / most;
}

function scatterBelow(sorted: Float32Array, level: number): number {
  let below = 0;
  for (let end = sorted.length; below < end;) {
    const middle = (below + end) >>> 1;
    if (sorted[middle] < level) below = middle + 1;
    else end = middle;
  }
  // Half of the values below a normal distribution's centre lie within 0.6745 sigma of it: the MAD of that side.
  return below === 0 ? 0 : MAD_TO_SIGMA * (level - sorted[below >> 1]);
}

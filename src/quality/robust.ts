// Robust summaries of small samples: what one wild value must not move.
import { selectMedian } from '../photometry/select-median.js';

/** MAD to standard deviation of a normal distribution. */
const MAD_TO_SIGMA = 1.4826;

/** Median; NaN of nothing. */
export function median(values: ArrayLike<number>): number {
  return values.length === 0 ? NaN : selectMedian(Float64Array.from(values));
}

/** Gaussian-equivalent scatter about the median (or about `centre`); NaN of nothing. */
export function scatter(values: ArrayLike<number>, centre = median(values)): number {
  return MAD_TO_SIGMA * median(Float64Array.from(values, (v) => Math.abs(v - centre)));
}

/** Root mean square; NaN of nothing. */
export function rms(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] ** 2;
  return Math.sqrt(sum / values.length);
}

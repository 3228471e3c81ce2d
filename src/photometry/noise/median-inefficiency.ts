// What a median costs: its standard error over that of the mean of as many normal samples.

/** n times the variance of the median of n samples of a unit normal distribution, n = 1 .. 12 (order statistics, integrated numerically). */
const VARIANCE_RATIO = [1, 1, 1.346, 1.1928, 1.4342, 1.2885, 1.4731, 1.3455, 1.4949, 1.3833, 1.5088, 1.4102];

/** The ratio of the standard errors for `count` samples; NaN for none. */
export function medianInefficiency(count: number): number {
  if (count < 1) return NaN;
  const n = Math.round(count);
  if (n <= VARIANCE_RATIO.length) return Math.sqrt(VARIANCE_RATIO[n - 1]);
  // both tails of the table run as pi/2 - c / n
  return Math.sqrt(Math.PI / 2 - (n % 2 === 1 ? 0.68 : 2.05) / n);
}

// How improbable it is to find so many stars in their places by chance.

/** ln(n!) for 0 <= n < its length, grown when needed. */
let logFactorials = new Float64Array(2);

function logFactorial(n: number): number {
  if (n >= logFactorials.length) {
    const grown = new Float64Array(2 * n + 2);
    for (let i = 2; i < grown.length; i++) grown[i] = grown[i - 1] + Math.log(i);
    logFactorials = grown;
  }
  return logFactorials[n];
}

/** log10 of P(X >= k) for X of a binomial distribution of `n` trials of probability `p`; 0 when k <= 0, -Infinity when k > n. */
export function log10BinomialTail(n: number, k: number, p: number): number {
  if (k <= 0 || p >= 1) return 0;
  if (k > n || p <= 0) return -Infinity;
  // below the mean the tail is near 1, and the series from k up would be long
  if (k <= n * p) return 0;
  const first =
    logFactorial(n) - logFactorial(k) - logFactorial(n - k) + k * Math.log(p) + (n - k) * Math.log1p(-p);
  let sum = 1;
  let term = 1;
  for (let j = k; j < n && term > 1e-12 * sum; j++) {
    term *= ((n - j) / (j + 1)) * (p / (1 - p));
    sum += term;
  }
  return (first + Math.log(sum)) / Math.LN10;
}

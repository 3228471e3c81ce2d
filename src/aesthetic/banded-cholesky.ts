// Symmetric equations whose unknowns know their neighbours only.

/**
 * Factors in place the positive definite `order` x `order` matrix `a` (row-major, zero beyond `band` places off the diagonal; the lower triangle
 * becomes L with L L^T = A). The caller's ridge keeps the pivots positive.
 */
export function factorBanded(a: Float64Array, order: number, band: number): void {
  for (let i = 0; i < order; i++) {
    const first = Math.max(0, i - band);
    for (let j = first; j <= i; j++) {
      let sum = a[i * order + j];
      for (let k = Math.max(first, j - band); k < j; k++) sum -= a[i * order + k] * a[j * order + k];
      if (i === j) a[i * order + i] = Math.sqrt(Math.max(sum, Number.MIN_VALUE));
      else a[i * order + j] = sum / a[j * order + j];
    }
  }
}

/** Solves A x = b for the factors `l` of A; `x` holds b before and x after. */
export function solveBanded(l: Float64Array, order: number, band: number, x: Float64Array): void {
  for (let i = 0; i < order; i++) {
    let sum = x[i];
    for (let k = Math.max(0, i - band); k < i; k++) sum -= l[i * order + k] * x[k];
    x[i] = sum / l[i * order + i];
  }
  for (let i = order - 1; i >= 0; i--) {
    let sum = x[i];
    const last = Math.min(order - 1, i + band);
    for (let k = i + 1; k <= last; k++) sum -= l[k * order + i] * x[k];
    x[i] = sum / l[i * order + i];
  }
}

// Cholesky factors of small symmetric matrices; `src/simd/assembly/plan/cholesky.ts` has the same for its solves.

/**
 * Factors in place the positive definite `order` x `order` matrix at `a[at]` (row-major; the lower triangle becomes L with L L^T = A).
 * The caller's ridge keeps the pivots positive.
 */
export function factorBlock(a: Float64Array, at: number, order: number): void {
  for (let i = 0; i < order; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[at + i * order + j];
      for (let k = 0; k < j; k++) sum -= a[at + i * order + k] * a[at + j * order + k];
      if (i === j) a[at + i * order + i] = Math.sqrt(Math.max(sum, Number.MIN_VALUE));
      else a[at + i * order + j] = sum / a[at + j * order + j];
    }
  }
}

/** Solves A x = b for the factored block at `l[at]`; `x[xAt..]` holds b before and x after. */
export function solveBlock(l: Float64Array, at: number, order: number, x: Float64Array, xAt: number): void {
  for (let i = 0; i < order; i++) {
    let sum = x[xAt + i];
    for (let k = 0; k < i; k++) sum -= l[at + i * order + k] * x[xAt + k];
    x[xAt + i] = sum / l[at + i * order + i];
  }
  for (let i = order - 1; i >= 0; i--) {
    let sum = x[xAt + i];
    for (let k = i + 1; k < order; k++) sum -= l[at + k * order + i] * x[xAt + k];
    x[xAt + i] = sum / l[at + i * order + i];
  }
}

// Small weighted linear least squares by normal equations; callers scale their columns to about unit size.
import { factorBlock, solveBlock } from '../../../photometry/small-cholesky.js';

/** Adds up rows, then solves for two right-hand sides at once. */
export class LeastSquares {
  readonly #order: number;
  readonly #normal: Float64Array;
  readonly #f: Float64Array;
  readonly #g: Float64Array;

  constructor(order: number) {
    this.#order = order;
    this.#normal = new Float64Array(order * order);
    this.#f = new Float64Array(order);
    this.#g = new Float64Array(order);
  }

  /** row . solution = f and row . solution2 = g, with weight. */
  add(row: Float64Array, f: number, g: number, weight: number): void {
    const n = this.#order;
    for (let i = 0; i < n; i++) {
      const w = weight * row[i];
      this.#f[i] += w * f;
      this.#g[i] += w * g;
      for (let j = 0; j <= i; j++) this.#normal[i * n + j] += w * row[j];
    }
  }

  /** Both solutions; undefined when the rows do not determine them. */
  solve(): { f: Float64Array; g: Float64Array } | undefined {
    const n = this.#order;
    factorBlock(this.#normal, 0, n);
    let [least, greatest] = [Infinity, 0];
    for (let i = 0; i < n; i++) {
      least = Math.min(least, this.#normal[i * n + i]);
      greatest = Math.max(greatest, this.#normal[i * n + i]);
    }
    if (!(least > 1e-7 * greatest)) return undefined;
    const f = this.#f.slice();
    const g = this.#g.slice();
    solveBlock(this.#normal, 0, n, f, 0);
    solveBlock(this.#normal, 0, n, g, 0);
    return { f, g };
  }
}

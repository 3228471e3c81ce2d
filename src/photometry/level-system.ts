// The least-squares step of the level solve: sky nodes eliminated, frames solved by preconditioned conjugate gradients, in WebAssembly.
import { SamplePasses } from '../simd/sample-passes.js';
import type { Observations } from './level-observations.js';
import { LEVEL_POLYNOMIAL_TERMS } from './level-polynomial.js';
import { selectMedian } from './select-median.js';

const HUBER = 1.345;
const TUKEY = 4.685;
/** Enough residuals for a median. */
const SCALE_SAMPLE = 2e5;

/**
 * Minimises sum_o w_o (level_o - S[node_o] - P_f(x_o, y_o))^2 + sum_f sum_k ridge_k p_fk^2 over S and p. For given p the best S is the weighted
 * mean of level - P per node; put back, the frames' normal equations are A p = b with
 * (A p)_f = sum_o w t (t.p_f - mean_node(t.p)) + ridge p_f and b_f = sum_o w t (level - mean_node(level)), which are never formed: one product
 * costs one pass over the observations. Weights are robust weights over the observations' variances; they begin at 1.
 *
 * The passes stand in `src/simd/assembly/plan/level-system.ts`: a session calls them too seldom for the compiler of JavaScript, which takes longer than they do.
 */
export class LevelSystem {
  /** `[frames, terms]`, the coefficients: start values for `solve`, then its solution. */
  readonly p: Float64Array;
  /** Robust weight and residual of each observation; the residual is 0 where a node is seen once, infinite where all of a node's observations are shut out. */
  readonly robust: Float64Array;
  readonly residual: Float64Array;
  readonly #passes;
  readonly #problem: number;
  readonly #ridge: Float64Array;
  readonly #sizes: Float64Array;
  readonly #stride: number;

  /** The surfaces of frames that are `held` stay 0: their observations tell of the sky alone. */
  constructor(obs: Observations, terms: number, held: readonly boolean[] = []) {
    const { frames, nodes } = obs;
    const count = obs.node.length;
    this.#stride = Math.max(1, Math.floor(count / SCALE_SAMPLE));
    const memory = new SamplePasses();
    this.#passes = memory.passes;
    const given = [
      ...[obs.start, obs.node, obs.level, obs.sigma, obs.x, obs.y, obs.seen],
      Uint8Array.from({ length: frames }, (_, f) => Number(held[f] ?? false)),
    ].map((values) => ({ values, at: memory.take(values.byteLength) }));
    const doubles = (length: number) => memory.take(8 * length);
    const ridge = doubles(LEVEL_POLYNOMIAL_TERMS);
    const robust = doubles(count);
    const weight = doubles(count);
    const residual = doubles(count);
    const sizes = doubles(Math.ceil(count / this.#stride));
    const ofNodes = [doubles(nodes), doubles(nodes), doubles(nodes)];
    const blocks = doubles(frames * terms * terms);
    const p = doubles(frames * terms);
    const ofFrames = Array.from({ length: 4 }, () => doubles(frames * terms));
    const fields = [
      ...[frames, terms, nodes],
      ...given.map(({ at }) => at),
      ...[ridge, robust, weight, residual, sizes, ...ofNodes, blocks, p, ...ofFrames],
    ];
    this.#problem = memory.take(4 * fields.length);
    const { buffer } = memory;
    new Uint32Array(buffer, this.#problem, fields.length).set(fields);
    for (const { values, at } of given)
      new Uint8Array(buffer, at).set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    this.#ridge = new Float64Array(buffer, ridge, LEVEL_POLYNOMIAL_TERMS);
    this.robust = new Float64Array(buffer, robust, count).fill(1);
    this.residual = new Float64Array(buffer, residual, count);
    this.#sizes = new Float64Array(buffer, sizes, Math.ceil(count / this.#stride));
    this.p = new Float64Array(buffer, p, frames * terms);
  }

  /** Takes up the robust weights and the ridge per term (all > 0). */
  prepare(ridge: readonly number[]): void {
    this.#ridge.set(ridge);
    this.#passes.levelPrepare(this.#problem);
  }

  /** Improves `p`; returns the number of iterations used. */
  solve(tolerance: number, maxIterations: number): number {
    return this.#passes.levelSolve(this.#problem, tolerance, maxIterations);
  }

  /** Fills `residual`, about the best sky for `p`, and returns its robust scale in units of sigma; 1 when nothing is shared. */
  measure(): number {
    const count = this.#passes.levelResiduals(this.#problem, this.#stride);
    const scale = count > 0 ? 1.4826 * selectMedian(this.#sizes.subarray(0, count)) : 1;
    // exact data leave rounding only: a floor keeps the weights defined
    return Math.max(scale, 1e-6);
  }

  /** Sets the robust weights from the residuals, Huber's or Tukey's; returns the mean change of a weight. */
  reweigh(scale: number, isTukey: boolean): number {
    const count = this.robust.length;
    const limit = isTukey ? TUKEY : HUBER;
    return count ? this.#passes.levelReweigh(this.#problem, scale, limit, Number(isTukey)) / count : 0;
  }
}

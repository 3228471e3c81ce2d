// The least-squares step of the level solve: sky nodes eliminated, frames solved by preconditioned conjugate gradients, in WebAssembly.
import type { Observations } from './level-observations.js';
import { LEVEL_POLYNOMIAL_TERMS } from './level-polynomial.js';

const HUBER = 1.345;
const TUKEY = 4.685;
/** Enough residuals for a median. */
const SCALE_SAMPLE = 2e5;

/** Sums over each frame's observations, and numbers of all. */
export interface LevelSummary {
  readonly surfaces: Float64Array;
  /** Robust weights over variances. */
  readonly weights: Float64Array;
  /** Squares of the residuals by weight, and these weights, of observations of nodes that several frames see. */
  readonly squares: Float64Array;
  readonly sharedWeights: Float64Array;
  /** How many these are, and how many of them robust weights shut out (below a tenth). */
  readonly shared: number;
  readonly shutOut: number;
}

/**
 * Minimises sum_o w_o (level_o - S[node_o] - P_f(x_o, y_o))^2 + sum_f sum_k ridge_k p_fk^2 over S and p. For given p the best S is the weighted
 * mean of level - P per node; put back, the frames' normal equations are A p = b with
 * (A p)_f = sum_o w t (t.p_f - mean_node(t.p)) + ridge p_f and b_f = sum_o w t (level - mean_node(level)), which are never formed: one product
 * costs one pass over the observations. Weights are robust weights over the observations' variances; they begin at 1.
 *
 * The passes stand in `src/simd/assembly/plan/level-*.ts`: a session calls them too seldom for the compiler of JavaScript, which takes longer than they do.
 */
export class LevelSystem {
  /** `[frames, terms]`, the coefficients: start values for `solve`, then its solution. */
  readonly p: Float64Array;
  readonly #passes;
  readonly #problem: number;
  readonly #ridge: Float64Array;
  readonly #frames: number;
  readonly #count: number;
  readonly #stride: number;
  /** f64 [4 frames + 2] for what passes tell of the frames, and a view of it. */
  readonly #out: number;
  readonly #told: Float64Array;

  /** The surfaces of frames that are `held` stay 0: their observations tell of the sky alone. Takes of the observations' memory. */
  constructor(obs: Observations, terms: number, held: readonly boolean[] = []) {
    const { memory, frames, nodes, count, largest, at } = obs;
    this.#passes = memory.passes;
    this.#frames = frames;
    this.#count = count;
    this.#stride = Math.max(1, Math.floor(count / SCALE_SAMPLE));
    const doubles = (length: number) => memory.take(8 * length);
    const isHeld = memory.take(frames);
    const ridge = doubles(LEVEL_POLYNOMIAL_TERMS);
    const robust = doubles(count);
    const ofObservations = [robust, doubles(count), doubles(count)];
    // residuals that tell the scale, or the values of one frame; medians take twice the room of their values
    const selected = Math.max(Math.ceil(count / this.#stride), largest);
    const room = [doubles(selected), doubles(2 * selected)];
    const ofNodes = [doubles(nodes), doubles(nodes), doubles(nodes)];
    const blocks = doubles(frames * terms * terms);
    const ofFrames = Array.from({ length: 5 }, () => doubles(frames * terms));
    this.#out = doubles(4 * frames + 2);
    const fields = [
      ...[frames, terms, nodes],
      ...[at.start, at.node, at.level, at.sigma, at.x, at.y, at.seen, isHeld, ridge],
      ...[...ofObservations, ...room, ...ofNodes, blocks, ...ofFrames],
    ];
    this.#problem = memory.take(4 * fields.length);
    const { buffer } = memory;
    new Uint32Array(buffer, this.#problem, fields.length).set(fields);
    const heldBytes = new Uint8Array(buffer, isHeld, frames);
    for (let f = 0; f < frames; f++) heldBytes[f] = Number(held[f] ?? false);
    this.#ridge = new Float64Array(buffer, ridge, LEVEL_POLYNOMIAL_TERMS);
    new Float64Array(buffer, robust, count).fill(1);
    this.p = new Float64Array(buffer, ofFrames[0], frames * terms).fill(0);
    this.#told = new Float64Array(buffer, this.#out, 4 * frames + 2);
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

  /** Takes the residuals about the best sky for `p`: 0 where a node is seen once, infinite where all of a node's observations are shut out. Returns their robust scale in units of sigma; 1 when nothing is shared. */
  measure(): number {
    const middle = this.#passes.levelResiduals(this.#problem, this.#stride);
    // exact data leave rounding only: a floor keeps the weights defined
    return Number.isNaN(middle) ? 1 : Math.max(1.4826 * middle, 1e-6);
  }

  /** Sets the robust weights from the residuals, Huber's or Tukey's; returns the mean change of a weight. */
  reweigh(scale: number, isTukey: boolean): number {
    const count = this.#count;
    const limit = isTukey ? TUKEY : HUBER;
    return count ? this.#passes.levelReweigh(this.#problem, scale, limit, Number(isTukey)) / count : 0;
  }

  /** The median sigma of the observations; 1 without any. To be asked before `measure`, whose residuals it takes the room of. */
  typicalSigma(): number {
    return this.#count > 0 ? this.#passes.levelSigma(this.#problem) : 1;
  }

  /** Median level of each frame's observations, less its surface or as it is; NaN for a frame without any. */
  medians(lessSurface: boolean): Float64Array {
    this.#passes.levelMedians(this.#problem, Number(lessSurface), this.#out);
    return this.#told.slice(0, this.#frames);
  }

  /** What observations, weights and residuals make of `p`. */
  summary(): LevelSummary {
    this.#passes.levelSummary(this.#problem, this.#out);
    const frames = this.#frames;
    const column = (k: number) => Float64Array.from({ length: frames }, (_, f) => this.#told[4 * f + k]);
    return {
      ...{ surfaces: column(0), weights: column(1), squares: column(2), sharedWeights: column(3) },
      ...{ shared: this.#told[4 * frames], shutOut: this.#told[4 * frames + 1] },
    };
  }
}

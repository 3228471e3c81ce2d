// The least-squares step of the level solve: sky nodes eliminated, frames solved by preconditioned conjugate gradients.
import type { Observations } from './level-observations.js';
import { addTerms, LEVEL_POLYNOMIAL_TERMS, levelAt } from './level-polynomial.js';
import { factorBlock, solveBlock } from './small-cholesky.js';

/**
 * Minimises sum_o w_o (level_o - S[node_o] - P_f(x_o, y_o))^2 + sum_f sum_k ridge_k p_fk^2 over S and p. For given p the best S is the weighted
 * mean of level - P per node; put back, the frames' normal equations are A p = b with
 * (A p)_f = sum_o w t (t.p_f - mean_node(t.p)) + ridge p_f and b_f = sum_o w t (level - mean_node(level)), which are never formed: one product
 * costs one pass over the observations.
 */
export class LevelSystem {
  readonly #obs: Observations;
  readonly #terms: number;
  readonly #weight: Float64Array;
  readonly #nodeWeight: Float64Array;
  readonly #nodeSum: Float64Array;
  readonly #blocks: Float64Array;
  readonly #held: readonly boolean[];
  #ridge: readonly number[] = [];

  /** The surfaces of frames that are `held` stay 0: their observations tell of the sky alone. */
  constructor(observations: Observations, terms: number, held: readonly boolean[] = []) {
    this.#held = held;
    this.#obs = observations;
    this.#terms = terms;
    this.#weight = new Float64Array(observations.node.length);
    this.#nodeWeight = new Float64Array(observations.nodes);
    this.#nodeSum = new Float64Array(observations.nodes);
    this.#blocks = new Float64Array(observations.frames * terms * terms);
  }

  /** Sets the weights of the observations (copied) and the ridge per term (all > 0). */
  prepare(weight: Float64Array, ridge: readonly number[]): void {
    this.#weight.set(weight);
    this.#ridge = ridge;
    const { frames, start, node, x, y } = this.#obs;
    const terms = this.#terms;
    const nodeWeight = this.#nodeWeight.fill(0);
    for (let o = 0; o < weight.length; o++) nodeWeight[node[o]] += weight[o];
    const blocks = this.#blocks.fill(0);
    const basis = new Float64Array(terms);
    for (let f = 0; f < frames; f++) {
      const at = f * terms * terms;
      for (let o = start[f]; o < start[f + 1]; o++) {
        const w = weight[o];
        if (!(w > 0)) continue;
        const own = w * (1 - w / nodeWeight[node[o]]);
        basis.fill(0);
        addTerms(basis, 0, terms, x[o], y[o], 1);
        for (let i = 0; i < terms; i++)
          for (let j = 0; j <= i; j++) blocks[at + i * terms + j] += own * basis[i] * basis[j];
      }
      for (let i = 0; i < terms; i++) blocks[at + i * terms + i] += ridge[i];
      factorBlock(blocks, at, terms);
    }
  }

  /** Improves `p` (start values in, solution out, `[frames, terms]`); returns the number of iterations used. */
  solve(p: Float64Array, tolerance: number, maxIterations: number): number {
    const size = p.length;
    const residual = new Float64Array(size);
    const direction = new Float64Array(size);
    const product = new Float64Array(size);
    const scaled = new Float64Array(size);
    this.#rightHandSide(residual);
    const target = tolerance * Math.sqrt(this.#preconditionedNorm(residual, scaled));
    this.#multiply(p, product);
    for (let i = 0; i < size; i++) residual[i] -= product[i];
    let rho = this.#preconditionedNorm(residual, scaled);
    direction.set(scaled);
    let iteration = 0;
    while (iteration < maxIterations && Math.sqrt(rho) > target && rho > 0) {
      this.#multiply(direction, product);
      let curvature = 0;
      for (let i = 0; i < size; i++) curvature += direction[i] * product[i];
      if (!(curvature > 0)) break;
      const step = rho / curvature;
      for (let i = 0; i < size; i++) {
        p[i] += step * direction[i];
        residual[i] -= step * product[i];
      }
      const next = this.#preconditionedNorm(residual, scaled);
      const beta = next / rho;
      for (let i = 0; i < size; i++) direction[i] = scaled[i] + beta * direction[i];
      rho = next;
      iteration++;
    }
    return iteration;
  }

  /** Best sky level of each node for the surfaces `p`; NaN for a node whose observations all have weight 0. */
  sky(p: Float64Array, sky: Float64Array): void {
    const { frames, start, node, level, x, y } = this.#obs;
    sky.fill(0);
    for (let f = 0; f < frames; f++) {
      for (let o = start[f]; o < start[f + 1]; o++) {
        sky[node[o]] += this.#weight[o] * (level[o] - levelAt(p, f * this.#terms, this.#terms, x[o], y[o]));
      }
    }
    for (let n = 0; n < sky.length; n++)
      sky[n] = this.#nodeWeight[n] > 0 ? sky[n] / this.#nodeWeight[n] : NaN;
  }

  #rightHandSide(b: Float64Array): void {
    const { frames, start, node, level, x, y } = this.#obs;
    const mean = this.#nodeSum.fill(0);
    for (let o = 0; o < level.length; o++) mean[node[o]] += this.#weight[o] * level[o];
    this.#divideByNodeWeight();
    b.fill(0);
    for (let f = 0; f < frames; f++) {
      for (let o = start[f]; o < start[f + 1]; o++) {
        addTerms(b, f * this.#terms, this.#terms, x[o], y[o], this.#weight[o] * (level[o] - mean[node[o]]));
      }
    }
    this.#clearHeld(b);
  }

  /** One pass up to the nodes, one back to the frames; all six terms in registers, the unused ones 0. */
  #multiply(p: Float64Array, product: Float64Array): void {
    if (this.#terms === 1) {
      this.#multiplyConstants(p, product);
      return;
    }
    const { frames, start, node, x, y } = this.#obs;
    const terms = this.#terms;
    const weight = this.#weight;
    const mean = this.#nodeSum.fill(0);
    const c = new Float64Array(LEVEL_POLYNOMIAL_TERMS);
    for (let f = 0; f < frames; f++) {
      for (let k = 0; k < terms; k++) c[k] = p[f * terms + k];
      const [c0, c1, c2, c3, c4, c5] = [c[0], c[1], c[2], c[3], c[4], c[5]];
      const end = start[f + 1];
      for (let o = start[f]; o < end; o++) {
        const X = x[o];
        const Y = y[o];
        mean[node[o]] += weight[o] * (c0 + X * (c1 + c3 * X + c4 * Y) + Y * (c2 + c5 * Y));
      }
    }
    this.#divideByNodeWeight();
    const sums = new Float64Array(LEVEL_POLYNOMIAL_TERMS);
    for (let f = 0; f < frames; f++) {
      for (let k = 0; k < terms; k++) c[k] = p[f * terms + k];
      const [c0, c1, c2, c3, c4, c5] = [c[0], c[1], c[2], c[3], c[4], c[5]];
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      let s4 = 0;
      let s5 = 0;
      const end = start[f + 1];
      for (let o = start[f]; o < end; o++) {
        const X = x[o];
        const Y = y[o];
        const d = weight[o] * (c0 + X * (c1 + c3 * X + c4 * Y) + Y * (c2 + c5 * Y) - mean[node[o]]);
        s0 += d;
        s1 += d * X;
        s2 += d * Y;
        s3 += d * X * X;
        s4 += d * X * Y;
        s5 += d * Y * Y;
      }
      sums[0] = s0;
      sums[1] = s1;
      sums[2] = s2;
      sums[3] = s3;
      sums[4] = s4;
      sums[5] = s5;
      for (let k = 0; k < terms; k++) product[f * terms + k] = this.#ridge[k] * c[k] + sums[k];
    }
    this.#clearHeld(product);
  }

  /** `#multiply` where surfaces are constants, as those of gains are. */
  #multiplyConstants(p: Float64Array, product: Float64Array): void {
    const { frames, start, node } = this.#obs;
    const weight = this.#weight;
    const mean = this.#nodeSum.fill(0);
    for (let f = 0; f < frames; f++) {
      const constant = p[f];
      const end = start[f + 1];
      for (let o = start[f]; o < end; o++) mean[node[o]] += weight[o] * constant;
    }
    this.#divideByNodeWeight();
    for (let f = 0; f < frames; f++) {
      const constant = p[f];
      const end = start[f + 1];
      let sum = 0;
      for (let o = start[f]; o < end; o++) sum += weight[o] * (constant - mean[node[o]]);
      product[f] = this.#ridge[0] * constant + sum;
    }
    this.#clearHeld(product);
  }

  #clearHeld(p: Float64Array): void {
    for (let f = 0; f < this.#held.length; f++)
      if (this.#held[f]) p.fill(0, f * this.#terms, (f + 1) * this.#terms);
  }

  #divideByNodeWeight(): void {
    for (let n = 0; n < this.#nodeSum.length; n++)
      this.#nodeSum[n] = this.#nodeWeight[n] > 0 ? this.#nodeSum[n] / this.#nodeWeight[n] : 0;
  }

  #preconditionedNorm(residual: Float64Array, scaled: Float64Array): number {
    const terms = this.#terms;
    scaled.set(residual);
    for (let f = 0; f < this.#obs.frames; f++)
      solveBlock(this.#blocks, f * terms * terms, terms, scaled, f * terms);
    let sum = 0;
    for (let i = 0; i < scaled.length; i++) sum += residual[i] * scaled[i];
    return sum;
  }
}

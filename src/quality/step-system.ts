// Steps at the edges of frames and the light of the frames that explains them best: least squares whose cost is that of a few looks at the equations.
import { LIGHT_TERMS } from './light-frame.js';
import type { StepEquation } from './step-equations.js';

/** Of a symmetric 3 x 3 block. */
const BLOCK = 6;

/** When an answer is good enough. */
export interface Effort {
  readonly tolerance: number;
  readonly iterations: number;
}

/**
 * The equations of one plane, row by row in one piece of memory, and conjugate gradients on their normal equations. Each frame's own level and slopes are
 * solved exactly as the preconditioner: what is left is what frames share, which few iterations find.
 */
export class StepSystem {
  readonly steps: Float64Array;
  /** Looks at all equations so far: what solving costs is this times their factors. */
  looks = 0;
  private readonly starts: Int32Array;
  private readonly frameOf: Int32Array;
  private readonly factors: Float32Array;

  constructor(
    private readonly frames: number,
    equations: readonly StepEquation[],
  ) {
    this.steps = Float64Array.from(equations, ({ step }) => step);
    this.starts = new Int32Array(equations.length + 1);
    equations.forEach((equation, k) => (this.starts[k + 1] = this.starts[k] + equation.frames.length));
    const entries = this.starts[equations.length];
    this.frameOf = new Int32Array(entries);
    this.factors = new Float32Array(LIGHT_TERMS * entries);
    equations.forEach((equation, k) => {
      this.frameOf.set(equation.frames, this.starts[k]);
      this.factors.set(equation.factors, LIGHT_TERMS * this.starts[k]);
    });
  }

  /** The step that the light (`[frames, 3]`) makes in equation `k`. */
  predicted(k: number, light: Float64Array): number {
    const { starts, frameOf, factors } = this;
    let sum = 0;
    for (let e = starts[k], i = LIGHT_TERMS * e; e < starts[k + 1]; e++, i += LIGHT_TERMS) {
      const at = LIGHT_TERMS * frameOf[e];
      sum += factors[i] * light[at] + factors[i + 1] * light[at + 1] + factors[i + 2] * light[at + 2];
    }
    return sum;
  }

  /**
   * Minimises `sum weights (step - predicted)^2 + ridge |light|^2` from the light given, to `tolerance` of the steps' own size or as far as so many
   * iterations come; an equation of weight 0 is not looked at. `ridge` per term.
   */
  improve(
    weights: Float64Array,
    ridge: readonly number[],
    light: Float64Array,
    { tolerance, iterations }: Effort,
  ): void {
    const blocks = this.inverseBlocks(weights, ridge);
    const residual = light.map((value, k) => -ridge[k % LIGHT_TERMS] * value);
    const whole = new Float64Array(light.length);
    for (let k = 0; k < weights.length; k++) {
      if (weights[k] === 0) continue;
      this.addBack(k, weights[k] * (this.steps[k] - this.predicted(k, light)), residual);
      this.addBack(k, weights[k] * this.steps[k], whole);
    }
    this.looks += 2;
    const eased = new Float64Array(light.length);
    ease(blocks, whole, eased);
    const enough = tolerance ** 2 * dot(whole, eased);
    ease(blocks, residual, eased);
    const direction = eased.slice();
    const image = new Float64Array(light.length);
    let left = dot(residual, eased);
    for (let i = 0; i < iterations && left > enough; i++) {
      for (let k = 0; k < light.length; k++) image[k] = ridge[k % LIGHT_TERMS] * direction[k];
      for (let k = 0; k < weights.length; k++)
        if (weights[k] !== 0) this.addBack(k, weights[k] * this.predicted(k, direction), image);
      this.looks++;
      const length = left / dot(direction, image);
      for (let k = 0; k < light.length; k++) {
        light[k] += length * direction[k];
        residual[k] -= length * image[k];
      }
      ease(blocks, residual, eased);
      const next = dot(residual, eased);
      for (let k = 0; k < light.length; k++) direction[k] = eased[k] + (next / left) * direction[k];
      left = next;
    }
  }

  private addBack(k: number, value: number, out: Float64Array): void {
    const { starts, frameOf, factors } = this;
    for (let e = starts[k], i = LIGHT_TERMS * e; e < starts[k + 1]; e++, i += LIGHT_TERMS) {
      const at = LIGHT_TERMS * frameOf[e];
      out[at] += value * factors[i];
      out[at + 1] += value * factors[i + 1];
      out[at + 2] += value * factors[i + 2];
    }
  }

  /** Inverses of each frame's own part of the normal equations: xx, xy, yy, xz, yz, zz of its three terms. */
  private inverseBlocks(weights: Float64Array, ridge: readonly number[]): Float64Array {
    const { starts, frameOf, factors } = this;
    const blocks = new Float64Array(BLOCK * this.frames);
    for (let k = 0; k < weights.length; k++) {
      const w = weights[k];
      if (w === 0) continue;
      for (let e = starts[k], i = LIGHT_TERMS * e; e < starts[k + 1]; e++, i += LIGHT_TERMS) {
        const at = BLOCK * frameOf[e];
        const [x, y, z] = [factors[i], factors[i + 1], factors[i + 2]];
        blocks[at] += w * x * x;
        blocks[at + 1] += w * x * y;
        blocks[at + 2] += w * y * y;
        blocks[at + 3] += w * x * z;
        blocks[at + 4] += w * y * z;
        blocks[at + 5] += w * z * z;
      }
    }
    this.looks++;
    for (let at = 0; at < blocks.length; at += BLOCK) {
      const a = blocks[at] + ridge[0];
      const b = blocks[at + 1];
      const c = blocks[at + 2] + ridge[1];
      const d = blocks[at + 3];
      const e = blocks[at + 4];
      const f = blocks[at + 5] + ridge[2];
      const [ca, cb, cd] = [c * f - e * e, d * e - b * f, b * e - c * d];
      const scale = 1 / (a * ca + b * cb + d * cd);
      blocks[at] = scale * ca;
      blocks[at + 1] = scale * cb;
      blocks[at + 2] = scale * (a * f - d * d);
      blocks[at + 3] = scale * cd;
      blocks[at + 4] = scale * (b * d - a * e);
      blocks[at + 5] = scale * (a * c - b * b);
    }
    return blocks;
  }
}

/** `out = blocks . values`, frame by frame. */
function ease(blocks: Float64Array, values: Float64Array, out: Float64Array): void {
  for (let at = 0, i = 0; at < blocks.length; at += BLOCK, i += LIGHT_TERMS) {
    const [x, y, z] = [values[i], values[i + 1], values[i + 2]];
    out[i] = blocks[at] * x + blocks[at + 1] * y + blocks[at + 3] * z;
    out[i + 1] = blocks[at + 1] * x + blocks[at + 2] * y + blocks[at + 4] * z;
    out[i + 2] = blocks[at + 3] * x + blocks[at + 4] * y + blocks[at + 5] * z;
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}

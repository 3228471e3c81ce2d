// The normal equations of frames and distortions once the stars are eliminated (Schur complement): applied, never formed.
import { addPrior } from './add-prior.js';
import { NodeElimination } from './node-elimination.js';
import {
  DISTORTION_TERMS,
  distortAll,
  distortAllTranspose,
  termAllowed,
  type Distortion,
} from './shared-distortion.js';
import {
  FRAME_TERMS,
  type LinkRows,
  type NodePriors,
  type SystemFrame,
  type SystemSolution,
} from './system-types.js';

/** Prior of every distortion term, pixels at the corner: lenses reach tens, and stars soon know better. */
export const DISTORTION_SIGMA_PX = 10;

export class NormalEquations {
  readonly rows: LinkRows;
  readonly nodes: NodePriors;
  readonly frames: readonly SystemFrame[];
  readonly optics: readonly Distortion[];
  readonly elimination: NodeElimination;
  readonly links: number;
  /** Numbers sought: those of the frames, and from `opticsAt` on those of the distortions. */
  readonly size: number;
  readonly opticsAt: number;
  /** Moves of all stars by the last numbers that `move` was given, pixels `[links, 2]`. */
  readonly moved: Float64Array;
  /** Where the numbers of each frame's distortion begin. */
  readonly #opticsOf: Int32Array;

  constructor(
    rows: LinkRows,
    nodes: NodePriors,
    frames: readonly SystemFrame[],
    optics: readonly Distortion[],
  ) {
    this.rows = rows;
    this.nodes = nodes;
    this.frames = frames;
    this.optics = optics;
    this.links = rows.frame.length;
    this.opticsAt = FRAME_TERMS * frames.length;
    this.size = this.opticsAt + DISTORTION_TERMS * optics.length;
    this.#opticsOf = Int32Array.from(frames, (frame) => this.opticsAt + DISTORTION_TERMS * frame.optics);
    this.moved = new Float64Array(2 * this.links);
    this.elimination = new NodeElimination(rows, nodes);
  }

  /** Numbers of a solution, or frames where they are and distortions as they were. */
  start(solution?: Pick<SystemSolution, 'frames' | 'optics'>): Float64Array {
    const x = new Float64Array(this.size);
    if (solution) {
      x.set(solution.frames);
      x.set(solution.optics, this.opticsAt);
    } else this.optics.forEach(({ terms }, o) => x.set(terms, this.opticsAt + DISTORTION_TERMS * o));
    this.mask(x);
    return x;
  }

  #orderOf(frame: number): number {
    return this.optics[this.frames[frame].optics].order;
  }

  /** Moves of all stars by the numbers `x` into `moved`. */
  move(x: Float64Array): void {
    const { start, base, raw } = this.rows;
    const { moved } = this;
    for (let f = 0; f < this.frames.length; f++) {
      const at = FRAME_TERMS * f;
      const [a, b, c, d, e, g] = [x[at], x[at + 1], x[at + 2], x[at + 3], x[at + 4], x[at + 5]];
      const end = 2 * start[f + 1];
      for (let i = 2 * start[f]; i < end; i += 2) {
        moved[i] = a + c * base[i] + d * base[i + 1];
        moved[i + 1] = b + e * base[i] + g * base[i + 1];
      }
      distortAll(x, this.#opticsOf[f], this.#orderOf(f), raw, start[f], start[f + 1], moved);
    }
  }

  /** Adds A^T of the pixel values `values`, weighted, to `y`. */
  #transpose(values: Float64Array, y: Float64Array): void {
    const { start, base, raw, weight } = this.rows;
    for (let f = 0; f < this.frames.length; f++) {
      let [a, b, c, d, e, g] = [0, 0, 0, 0, 0, 0];
      const end = start[f + 1];
      for (let l = start[f]; l < end; l++) {
        const i = 2 * l;
        const ex = weight[l] * values[i];
        const ey = weight[l] * values[i + 1];
        a += ex;
        b += ey;
        c += ex * base[i];
        d += ex * base[i + 1];
        e += ey * base[i];
        g += ey * base[i + 1];
      }
      const at = FRAME_TERMS * f;
      y[at] += a;
      y[at + 1] += b;
      y[at + 2] += c;
      y[at + 3] += d;
      y[at + 4] += e;
      y[at + 5] += g;
      distortAllTranspose(values, weight, this.#orderOf(f), raw, start[f], end, y, this.#opticsOf[f]);
    }
  }

  /** `y` = normal matrix times `x`. */
  apply(x: Float64Array, y: Float64Array): void {
    this.move(x);
    this.elimination.eliminate(this.moved, false);
    y.fill(0);
    this.#transpose(this.moved, y);
    for (let f = 0; f < this.frames.length; f++)
      addPrior(this.frames[f].prior, x, FRAME_TERMS * f, y, FRAME_TERMS * f);
    for (let i = this.opticsAt; i < this.size; i++) y[i] += x[i] / DISTORTION_SIGMA_PX ** 2;
    this.mask(y);
  }

  rightSide(): Float64Array {
    const values = Float64Array.from(this.rows.residual);
    this.elimination.eliminate(values, true);
    const b = new Float64Array(this.size);
    this.#transpose(values, b);
    const back = new Float64Array(FRAME_TERMS);
    this.frames.forEach(({ prior, moved }, f) => {
      for (let i = 0; i < FRAME_TERMS; i++) back[i] = -moved[i];
      addPrior(prior, back, 0, b, FRAME_TERMS * f);
    });
    this.mask(b);
    return b;
  }

  /** Sets what is held to 0. */
  mask(y: Float64Array): void {
    this.frames.forEach(({ prior }, f) => {
      if (!prior) y.fill(0, FRAME_TERMS * f, FRAME_TERMS * (f + 1));
    });
    this.optics.forEach(({ order }, o) => {
      for (let t = 0; t < DISTORTION_TERMS; t++)
        if (!termAllowed(t, order)) y[this.opticsAt + DISTORTION_TERMS * o + t] = 0;
    });
  }
}

// The normal equations of frames and distortions once the stars are eliminated (Schur complement): applied, never formed.
import { addPrior } from './add-prior.js';
import { NodeElimination } from './node-elimination.js';
import {
  DISTORTION_TERMS,
  distort,
  distortTranspose,
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
  /** Whether any distortion has more than its shear. */
  readonly bent: boolean;
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
    this.bent = optics.some(({ order }) => order > 1);
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

  /** Moves of all stars by the numbers `x` into `moved`. */
  move(x: Float64Array): void {
    const { frame, base, raw } = this.rows;
    const { moved, links } = this;
    const out = new Float64Array(2);
    for (let l = 0; l < links; l++) {
      const at = FRAME_TERMS * frame[l];
      const u = base[2 * l];
      const v = base[2 * l + 1];
      out[0] = x[at] + x[at + 2] * u + x[at + 3] * v;
      out[1] = x[at + 1] + x[at + 4] * u + x[at + 5] * v;
      const shared = this.#opticsOf[frame[l]];
      if (this.bent) distort(x, shared, raw[2 * l], raw[2 * l + 1], out);
      else shearAlone(x, shared, raw[2 * l], raw[2 * l + 1], out);
      moved[2 * l] = out[0];
      moved[2 * l + 1] = out[1];
    }
  }

  /** Adds A^T of the pixel values `values`, weighted, to `y`. */
  #transpose(values: Float64Array, y: Float64Array): void {
    const { frame, base, raw, weight } = this.rows;
    const { links } = this;
    for (let l = 0; l < links; l++) {
      const ex = weight[l] * values[2 * l];
      const ey = weight[l] * values[2 * l + 1];
      const at = FRAME_TERMS * frame[l];
      const u = base[2 * l];
      const v = base[2 * l + 1];
      y[at] += ex;
      y[at + 1] += ey;
      y[at + 2] += ex * u;
      y[at + 3] += ex * v;
      y[at + 4] += ey * u;
      y[at + 5] += ey * v;
      const shared = this.#opticsOf[frame[l]];
      if (this.bent) distortTranspose(ex, ey, raw[2 * l], raw[2 * l + 1], y, shared);
      else {
        y[shared] += ex * raw[2 * l] - ey * raw[2 * l + 1];
        y[shared + 1] += ex * raw[2 * l + 1] + ey * raw[2 * l];
      }
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

/** `distort` where all terms but the first two are 0. */
function shearAlone(terms: Float64Array, at: number, u: number, v: number, out: Float64Array): void {
  out[0] += terms[at] * u + terms[at + 1] * v;
  out[1] += terms[at + 1] * u - terms[at] * v;
}

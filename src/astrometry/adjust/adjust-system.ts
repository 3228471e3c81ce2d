// The sparse least-squares problem of the joint adjustment: frames and distortions as unknowns, stars eliminated, conjugate gradients.
import { factorBlock, solveBlock } from '../../photometry/small-cholesky.js';
import {
  DISTORTION_TERMS,
  distort,
  distortTranspose,
  termAllowed,
  type Distortion,
} from './shared-distortion.js';

/** Numbers of a frame: shift x and y, then the matrix xx, xy, yx, yy; pixels, the matrix per half diagonal. */
export const FRAME_TERMS = 6;
const MAX_STEPS = 400;
/** Relative; the steps around the solution begin anew from what is left. */
const TOLERANCE = 1e-4;
/** Prior of every distortion term, pixels at the corner: lenses reach tens, and stars soon know better. */
const DISTORTION_SIGMA_PX = 10;

/** Standard deviations, in pixels (rotation, scale and shear at the corner), of a frame's corrections about `prior`. */
export interface FramePrior {
  readonly shift: number;
  readonly rotation: number;
  readonly scale: number;
  readonly shear: number;
}

/** One row a link: `jacobian` is [links, 4] d(pixel)/d(node's east, north), `residual` [links, 2] = node's pixel - base of the star. */
export interface LinkRows {
  readonly frame: Int32Array;
  readonly node: Int32Array;
  /** Base of the star over the frame's unit (for the matrix), and its raw pixel over it (for distortion). */
  readonly base: Float32Array;
  readonly raw: Float32Array;
  readonly jacobian: Float32Array;
  readonly residual: Float32Array;
  /** 1 / pixels^2 */
  readonly weight: Float32Array;
}

/** Prior of the nodes: `pull` [nodes, 2] towards the catalogue's place in radians east and north, with `weight` (1 / radian^2, 0 without). */
export interface NodePriors {
  readonly count: number;
  readonly pull: Float64Array;
  readonly weight: Float64Array;
}

export interface SystemFrame {
  /** Number of the distortion that the frame shares. */
  readonly optics: number;
  /** undefined holds the frame where it is. */
  readonly prior: FramePrior | undefined;
  /** Corrections that it has already had, which the prior draws back: shift x, y, then the matrix. */
  readonly moved: Float64Array;
}

export interface SystemSolution {
  /** `[frames, 6]` and `[optics, 16]`. */
  readonly frames: Float64Array;
  readonly optics: Float64Array;
  /** Steps of the nodes, radians `[nodes, 2]`. */
  readonly nodes: Float64Array;
  /** Residuals of the links after these steps, pixels `[links, 2]`. */
  readonly residual: Float32Array;
}

/**
 * Minimises sum w |r + J s - A p|^2 over frame and distortion numbers p and node steps s, with the priors of all; each distortion by its order, sought from its terms on. The nodes are eliminated one by one,
 * what remains (Schur complement, never formed) is solved by preconditioned conjugate gradients: time and memory are linear in the links.
 */
export function solveSystem(
  rows: LinkRows,
  nodes: NodePriors,
  frames: readonly SystemFrame[],
  optics: readonly Distortion[],
): SystemSolution {
  const system = new System(rows, nodes, frames, optics);
  return system.solve();
}

class System {
  readonly #rows: LinkRows;
  readonly #nodes: NodePriors;
  readonly #frames: readonly SystemFrame[];
  readonly #optics: readonly Distortion[];
  /** Whether any distortion has more than its shear. */
  readonly #bent: boolean;
  readonly #links: number;
  readonly #size: number;
  readonly #opticsAt: number;
  /** Inverses of the nodes' 2 x 2 blocks: xx, xy, yy. */
  readonly #inverse: Float64Array;
  readonly #steps: Float64Array;
  readonly #moved: Float64Array;
  /** Where the numbers of each frame's distortion begin. */
  readonly #opticsOf: Int32Array;

  constructor(
    rows: LinkRows,
    nodes: NodePriors,
    frames: readonly SystemFrame[],
    optics: readonly Distortion[],
  ) {
    this.#rows = rows;
    this.#nodes = nodes;
    this.#frames = frames;
    this.#optics = optics;
    this.#bent = optics.some(({ order }) => order > 1);
    this.#links = rows.frame.length;
    this.#opticsAt = FRAME_TERMS * frames.length;
    this.#size = this.#opticsAt + DISTORTION_TERMS * optics.length;
    this.#opticsOf = Int32Array.from(frames, (frame) => this.#opticsAt + DISTORTION_TERMS * frame.optics);
    this.#steps = new Float64Array(2 * nodes.count);
    this.#moved = new Float64Array(2 * this.#links);
    this.#inverse = this.#invertNodes();
  }

  solve(): SystemSolution {
    const b = this.#rightSide();
    const precondition = this.#preconditioner();
    const x = this.#start();
    const z = b.slice();
    precondition(z);
    const enough = dot(b, z) * TOLERANCE * TOLERANCE;
    const q = new Float64Array(this.#size);
    this.#apply(x, q);
    const r = b.map((value, i) => value - q[i]);
    z.set(r);
    precondition(z);
    const p = z.slice();
    let rz = dot(r, z);
    for (let step = 0; step < MAX_STEPS && rz > enough; step++) {
      this.#apply(p, q);
      const alpha = rz / dot(p, q);
      for (let i = 0; i < x.length; i++) {
        x[i] += alpha * p[i];
        r[i] -= alpha * q[i];
      }
      z.set(r);
      precondition(z);
      const next = dot(r, z);
      const beta = next / rz;
      rz = next;
      for (let i = 0; i < p.length; i++) p[i] = z[i] + beta * p[i];
    }
    return this.#result(x);
  }

  /** Frames where they are, distortions as they were. */
  #start(): Float64Array {
    const x = new Float64Array(this.#size);
    this.#optics.forEach(({ terms }, o) => x.set(terms, this.#opticsAt + DISTORTION_TERMS * o));
    this.#mask(x);
    return x;
  }

  /** Moves of all stars by the numbers `x` into #moved. */
  #move(x: Float64Array): void {
    const { frame, base, raw } = this.#rows;
    const moved = this.#moved;
    const links = this.#links;
    const out = new Float64Array(2);
    for (let l = 0; l < links; l++) {
      const at = FRAME_TERMS * frame[l];
      const u = base[2 * l];
      const v = base[2 * l + 1];
      out[0] = x[at] + x[at + 2] * u + x[at + 3] * v;
      out[1] = x[at + 1] + x[at + 4] * u + x[at + 5] * v;
      const shared = this.#opticsOf[frame[l]];
      if (this.#bent) distort(x, shared, raw[2 * l], raw[2 * l + 1], out);
      else shearAlone(x, shared, raw[2 * l], raw[2 * l + 1], out);
      moved[2 * l] = out[0];
      moved[2 * l + 1] = out[1];
    }
  }

  /** Adds A^T of the pixel values `values`, weighted, to `y`. */
  #transpose(values: Float64Array, y: Float64Array): void {
    const { frame, base, raw, weight } = this.#rows;
    const links = this.#links;
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
      if (this.#bent) distortTranspose(ex, ey, raw[2 * l], raw[2 * l + 1], y, shared);
      else {
        y[shared] += ex * raw[2 * l] - ey * raw[2 * l + 1];
        y[shared + 1] += ex * raw[2 * l + 1] + ey * raw[2 * l];
      }
    }
  }

  /** Takes from `values` what steps of the nodes take up of them; `pull` adds the catalogue's draw. */
  #eliminate(values: Float64Array, pull: boolean): void {
    const { node, jacobian, weight } = this.#rows;
    const steps = this.#steps.fill(0);
    const links = this.#links;
    for (let l = 0; l < links; l++) {
      const ex = weight[l] * values[2 * l];
      const ey = weight[l] * values[2 * l + 1];
      const at = 2 * node[l];
      steps[at] += jacobian[4 * l] * ex + jacobian[4 * l + 2] * ey;
      steps[at + 1] += jacobian[4 * l + 1] * ex + jacobian[4 * l + 3] * ey;
    }
    this.#solveNodes(steps, pull ? -1 : 0);
    for (let l = 0; l < links; l++) {
      const e = steps[2 * node[l]];
      const n = steps[2 * node[l] + 1];
      values[2 * l] -= jacobian[4 * l] * e + jacobian[4 * l + 1] * n;
      values[2 * l + 1] -= jacobian[4 * l + 2] * e + jacobian[4 * l + 3] * n;
    }
  }

  /** steps = inverse (steps + draw * pull), node by node. */
  #solveNodes(steps: Float64Array, draw: number): void {
    const { pull, weight } = this.#nodes;
    const inverse = this.#inverse;
    for (let k = 0; k < this.#nodes.count; k++) {
      const e = steps[2 * k] + draw * weight[k] * pull[2 * k];
      const n = steps[2 * k + 1] + draw * weight[k] * pull[2 * k + 1];
      steps[2 * k] = inverse[3 * k] * e + inverse[3 * k + 1] * n;
      steps[2 * k + 1] = inverse[3 * k + 1] * e + inverse[3 * k + 2] * n;
    }
  }

  #invertNodes(): Float64Array {
    const { node, jacobian, weight } = this.#rows;
    const sums = new Float64Array(3 * this.#nodes.count);
    for (let l = 0; l < this.#links; l++) {
      const xe = jacobian[4 * l];
      const xn = jacobian[4 * l + 1];
      const ye = jacobian[4 * l + 2];
      const yn = jacobian[4 * l + 3];
      const at = 3 * node[l];
      sums[at] += weight[l] * (xe * xe + ye * ye);
      sums[at + 1] += weight[l] * (xe * xn + ye * yn);
      sums[at + 2] += weight[l] * (xn * xn + yn * yn);
    }
    for (let k = 0; k < this.#nodes.count; k++) {
      const at = 3 * k;
      const [a, b, c] = [
        sums[at] + this.#nodes.weight[k],
        sums[at + 1],
        sums[at + 2] + this.#nodes.weight[k],
      ];
      const det = a * c - b * b;
      // a node whose links have all been turned down stays where it is
      const ok = det > 1e-12 * a * c;
      sums[at] = ok ? c / det : 0;
      sums[at + 1] = ok ? -b / det : 0;
      sums[at + 2] = ok ? a / det : 0;
    }
    return sums;
  }

  #apply(x: Float64Array, y: Float64Array): void {
    this.#move(x);
    this.#eliminate(this.#moved, false);
    y.fill(0);
    this.#transpose(this.#moved, y);
    for (let f = 0; f < this.#frames.length; f++) this.#addPrior(f, x, FRAME_TERMS * f, y, FRAME_TERMS * f);
    for (let i = this.#opticsAt; i < this.#size; i++) y[i] += x[i] / DISTORTION_SIGMA_PX ** 2;
    this.#mask(y);
  }

  #rightSide(): Float64Array {
    const values = Float64Array.from(this.#rows.residual);
    this.#eliminate(values, true);
    const b = new Float64Array(this.#size);
    this.#transpose(values, b);
    const back = new Float64Array(FRAME_TERMS);
    this.#frames.forEach(({ moved }, f) => {
      for (let i = 0; i < FRAME_TERMS; i++) back[i] = -moved[i];
      this.#addPrior(f, back, 0, b, FRAME_TERMS * f);
    });
    this.#mask(b);
    return b;
  }

  /** y += (prior of frame `f`) x */
  #addPrior(f: number, x: Float64Array, xAt: number, y: Float64Array, yAt: number): void {
    const { prior } = this.#frames[f];
    if (!prior) return;
    y[yAt] += x[xAt] / prior.shift ** 2;
    y[yAt + 1] += x[xAt + 1] / prior.shift ** 2;
    const [a, b, c, d] = [x[xAt + 2], x[xAt + 3], x[xAt + 4], x[xAt + 5]];
    const scale = (a + d) / 4 / prior.scale ** 2;
    const rotation = (c - b) / 4 / prior.rotation ** 2;
    const stretch = (a - d) / 4 / prior.shear ** 2;
    const shear = (b + c) / 4 / prior.shear ** 2;
    y[yAt + 2] += scale + stretch;
    y[yAt + 3] += shear - rotation;
    y[yAt + 4] += shear + rotation;
    y[yAt + 5] += scale - stretch;
  }

  /** Sets what is held to 0. */
  #mask(y: Float64Array): void {
    this.#frames.forEach(({ prior }, f) => {
      if (!prior) y.fill(0, FRAME_TERMS * f, FRAME_TERMS * (f + 1));
    });
    this.#optics.forEach(({ order }, o) => {
      for (let t = 0; t < DISTORTION_TERMS; t++)
        if (!termAllowed(t, order)) y[this.#opticsAt + DISTORTION_TERMS * o + t] = 0;
    });
  }

  /** Blocks of the frames, exact, and of the distortions, without their stars' freedom, which only makes them larger. */
  #preconditioner(): (r: Float64Array) => void {
    const blocks = new Float64Array(FRAME_TERMS ** 2 * this.#frames.length);
    this.#addLinkBlocks(blocks);
    const unit = new Float64Array(FRAME_TERMS);
    const column = new Float64Array(FRAME_TERMS);
    for (let f = 0; f < this.#frames.length; f++) {
      const at = FRAME_TERMS ** 2 * f;
      for (let i = 0; i < FRAME_TERMS; i++) {
        unit.fill(0)[i] = 1;
        this.#addPrior(f, unit, 0, column.fill(0), 0);
        for (let k = 0; k < FRAME_TERMS; k++) blocks[at + FRAME_TERMS * k + i] += column[k];
        if (!this.#frames[f].prior) blocks[at + (FRAME_TERMS + 1) * i] += 1;
      }
      factorBlock(blocks, at, FRAME_TERMS);
    }
    const optics = this.#opticsBlocks();
    return (r) => {
      for (let f = 0; f < this.#frames.length; f++)
        solveBlock(blocks, FRAME_TERMS ** 2 * f, FRAME_TERMS, r, FRAME_TERMS * f);
      for (let o = 0; o < this.#optics.length; o++) {
        const at = this.#opticsAt + DISTORTION_TERMS * o;
        solveBlock(optics, DISTORTION_TERMS ** 2 * o, DISTORTION_TERMS, r, at);
      }
      this.#mask(r);
    };
  }

  #addLinkBlocks(blocks: Float64Array): void {
    const { frame, node, base, jacobian, weight } = this.#rows;
    const a = new Float64Array(3);
    for (let l = 0; l < this.#links; l++) {
      const w = weight[l];
      const xe = jacobian[4 * l];
      const xn = jacobian[4 * l + 1];
      const ye = jacobian[4 * l + 2];
      const yn = jacobian[4 * l + 3];
      const ee = this.#inverse[3 * node[l]];
      const en = this.#inverse[3 * node[l] + 1];
      const nn = this.#inverse[3 * node[l] + 2];
      // weight left to the frame once the star has taken its part: w - w^2 J inverse J^T
      const xx = w - w * w * (xe * (ee * xe + en * xn) + xn * (en * xe + nn * xn));
      const xy = -w * w * (xe * (ee * ye + en * yn) + xn * (en * ye + nn * yn));
      const yy = w - w * w * (ye * (ee * ye + en * yn) + yn * (en * ye + nn * yn));
      a[0] = 1;
      a[1] = base[2 * l];
      a[2] = base[2 * l + 1];
      const at = FRAME_TERMS ** 2 * frame[l];
      for (let i = 0; i < 3; i++) {
        for (let k = 0; k < 3; k++) {
          const product = a[i] * a[k];
          const [row, column] = [i === 0 ? 0 : i + 1, k === 0 ? 0 : k + 1];
          const [rowY, columnY] = [i === 0 ? 1 : i + 3, k === 0 ? 1 : k + 3];
          blocks[at + FRAME_TERMS * row + column] += product * xx;
          blocks[at + FRAME_TERMS * row + columnY] += product * xy;
          blocks[at + FRAME_TERMS * rowY + column] += product * xy;
          blocks[at + FRAME_TERMS * rowY + columnY] += product * yy;
        }
      }
    }
  }

  #opticsBlocks(): Float64Array {
    const { frame, raw, weight } = this.#rows;
    const n = DISTORTION_TERMS;
    const blocks = new Float64Array(n * n * this.#optics.length);
    const [x, y] = [new Float64Array(n), new Float64Array(n)];
    for (let l = 0; l < this.#links; l++) {
      distortTranspose(1, 0, raw[2 * l], raw[2 * l + 1], x.fill(0), 0);
      distortTranspose(0, 1, raw[2 * l], raw[2 * l + 1], y.fill(0), 0);
      const at = n * n * this.#frames[frame[l]].optics;
      const terms = this.#bent ? n : 2;
      for (let i = 0; i < terms; i++) {
        const wx = weight[l] * x[i];
        const wy = weight[l] * y[i];
        for (let k = 0; k <= i; k++) blocks[at + n * i + k] += wx * x[k] + wy * y[k];
      }
    }
    this.#optics.forEach(({ order }, o) => {
      for (let i = 0; i < n; i++) {
        const at = n * n * o + n * i;
        if (!termAllowed(i, order)) {
          for (let k = 0; k < n; k++) {
            blocks[at + k] = 0;
            blocks[n * n * o + n * k + i] = 0;
          }
          blocks[at + i] = 1;
        } else blocks[at + i] += 1 / DISTORTION_SIGMA_PX ** 2;
      }
      factorBlock(blocks, n * n * o, n);
    });
    return blocks;
  }

  #result(x: Float64Array): SystemSolution {
    this.#move(x);
    const { node, jacobian, residual, weight } = this.#rows;
    const { count } = this.#nodes;
    const steps = new Float64Array(2 * count);
    const left = new Float32Array(2 * this.#links);
    for (let l = 0; l < this.#links; l++) {
      left[2 * l] = residual[2 * l] - this.#moved[2 * l];
      left[2 * l + 1] = residual[2 * l + 1] - this.#moved[2 * l + 1];
      const [ex, ey] = [weight[l] * left[2 * l], weight[l] * left[2 * l + 1]];
      steps[2 * node[l]] -= jacobian[4 * l] * ex + jacobian[4 * l + 2] * ey;
      steps[2 * node[l] + 1] -= jacobian[4 * l + 1] * ex + jacobian[4 * l + 3] * ey;
    }
    this.#solveNodes(steps, 1);
    for (let l = 0; l < this.#links; l++) {
      const [e, n] = [steps[2 * node[l]], steps[2 * node[l] + 1]];
      left[2 * l] += jacobian[4 * l] * e + jacobian[4 * l + 1] * n;
      left[2 * l + 1] += jacobian[4 * l + 2] * e + jacobian[4 * l + 3] * n;
    }
    return {
      frames: x.slice(0, this.#opticsAt),
      optics: x.slice(this.#opticsAt),
      nodes: steps,
      residual: left,
    };
  }
}

/** `distort` where all terms but the first two are 0. */
function shearAlone(terms: Float64Array, at: number, u: number, v: number, out: Float64Array): void {
  out[0] += terms[at] * u + terms[at + 1] * v;
  out[1] += terms[at + 1] * u - terms[at] * v;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

// The sparse least-squares problem of the joint adjustment: frames and distortions as unknowns, stars eliminated, conjugate gradients, in WebAssembly.
import type { SamplePasses } from '../../simd/sample-passes.js';
import { DISTORTION_TERMS, TERM_PARTS, type Distortion } from './shared-distortion.js';
import {
  FRAME_TERMS,
  type FramePrior,
  type LinkRows,
  type SystemFrame,
  type SystemNodes,
  type SystemSolution,
} from './system-types.js';

const MAX_STEPS = 400;
/** Relative; the steps around the solution begin anew from what is left. */
const TOLERANCE = 1e-4;
/** Prior of every distortion term, pixels at the corner: lenses reach tens, and stars soon know better. */
const DISTORTION_SIGMA_PX = 10;
/** Powers of a coordinate in products of two terms, squared. */
const MOMENTS = 49;
/** Of a frame's plane. */
const PLANE_NUMBERS = 14;

/**
 * Minimises sum w |r + J s - A p|^2, linearised where frames and nodes stand, over frame and distortion numbers p and node steps s, with the priors of all. The nodes are eliminated one by one,
 * what remains (Schur complement, never formed) is solved by preconditioned conjugate gradients: time and memory are linear in the links.
 *
 * The passes stand in `src/simd/assembly/plan/places/adjust-system.ts`: a session calls them too seldom for the compiler of JavaScript, which takes longer than they do.
 */
export class AdjustSystem {
  readonly #memory: SamplePasses;
  readonly #opticsAt: number;
  readonly #optics: number;
  /** Addresses of the problem, and of what is given and found. */
  readonly #at: Record<'problem' | 'order' | 'x' | 'steps' | 'left', number>;
  readonly #nodes: number;
  readonly #links: number;

  /** Stands in the memory of the rows, behind them, until what it has taken there is given back. `optics`: number of distortions. */
  constructor(
    { memory, count: links, at: rows }: LinkRows,
    { axes, pull, weight }: SystemNodes,
    frames: readonly SystemFrame[],
    optics: number,
  ) {
    const nodes = weight.length;
    this.#opticsAt = FRAME_TERMS * frames.length;
    const size = this.#opticsAt + DISTORTION_TERMS * optics;
    const order = new Uint32Array(optics);
    const given = [
      ...[pull, weight],
      ...[axes.x, axes.y, axes.z, axes.east, axes.north],
      joined(PLANE_NUMBERS, frames, ({ plane }) => plane),
      Uint32Array.from(frames, (frame) => frame.optics),
      order,
      Uint8Array.from(frames, ({ prior }) => Number(!prior)),
      joined(4, frames, ({ prior }) => (prior ? sigmasOf(prior) : undefined)),
      joined(FRAME_TERMS, frames, ({ moved }) => moved),
      Int32Array.from(TERM_PARTS.flatMap(({ x, y }) => [...x, ...y])),
      Float64Array.of(DISTORTION_SIGMA_PX),
    ].map((values) => ({ values, at: memory.take(values.byteLength) }));
    const doubles = (length: number) => memory.take(8 * length);
    const [inverse, steps, values] = [doubles(3 * nodes), doubles(2 * nodes), doubles(2 * links)];
    const blocks = [
      doubles(FRAME_TERMS ** 2 * frames.length),
      doubles(DISTORTION_TERMS ** 2 * optics),
      doubles(MOMENTS * optics),
    ];
    const [x, ...vectors] = Array.from({ length: 5 }, () => doubles(size));
    const [jacobian, residual] = [16, 8].map((bytes) => memory.take(bytes * links));
    // the last of the values, and what is left of a link takes less room than its values, which are asked for once more at that very moment
    const left = values;
    const fields = [
      ...[frames.length, optics, links, nodes],
      ...[rows.start, rows.node, rows.base, rows.raw, rows.weight],
      ...given.map(({ at }) => at),
      ...[inverse, steps, values, ...blocks, x, ...vectors, jacobian, residual, left],
    ];
    const problem = memory.take(4 * fields.length);
    const { buffer, passes } = memory;
    new Uint32Array(buffer, problem, fields.length).set(fields);
    for (const { values: of, at } of given)
      new Uint8Array(buffer, at).set(new Uint8Array(of.buffer, of.byteOffset, of.byteLength));
    passes.adjustPrepare(problem);
    this.#memory = memory;
    this.#optics = optics;
    this.#nodes = nodes;
    this.#links = links;
    const orders = given.find(({ values: of }) => of === order)!.at;
    this.#at = { problem, order: orders, x, steps, left };
  }

  /** Each distortion by its order, sought from its terms on. `start`: the solution of a like system to start from. */
  solve(optics: readonly Distortion[], start?: Pick<SystemSolution, 'frames' | 'optics'>): SystemSolution {
    const { problem, order, x, steps, left } = this.#at;
    const { buffer, passes } = this.#memory;
    const opticsAt = this.#opticsAt;
    const size = opticsAt + DISTORTION_TERMS * this.#optics;
    new Uint32Array(buffer, order, this.#optics).set(optics.map((distortion) => distortion.order));
    const numbers = new Float64Array(buffer, x, size);
    numbers.fill(0);
    if (start) numbers.set(start.frames);
    const terms = start?.optics ?? joined(DISTORTION_TERMS, optics, (distortion) => distortion.terms);
    numbers.set(terms, opticsAt);
    passes.adjustSolve(problem, TOLERANCE, MAX_STEPS);
    return {
      frames: numbers.slice(0, opticsAt),
      optics: numbers.slice(opticsAt),
      nodes: new Float64Array(buffer, steps, 2 * this.#nodes).slice(),
      residual: new Float32Array(buffer, left, 2 * this.#links).slice(),
    };
  }
}

const sigmasOf = ({ shift, rotation, scale, shear }: FramePrior) => [shift, rotation, scale, shear];

/** `[items, width]`: what `of` says of each, zeros where it says nothing. */
function joined<T>(
  width: number,
  items: readonly T[],
  of: (item: T) => ArrayLike<number> | undefined,
): Float64Array {
  const all = new Float64Array(width * items.length);
  items.forEach((item, i) => all.set(of(item) ?? [], width * i));
  return all;
}

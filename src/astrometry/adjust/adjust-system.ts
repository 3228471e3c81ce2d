// The sparse least-squares problem of the joint adjustment: frames and distortions as unknowns, stars eliminated, conjugate gradients.
import { NormalEquations } from './normal-equations.js';
import { preconditioner } from './preconditioner.js';
import type { Distortion } from './shared-distortion.js';
import type { LinkRows, NodePriors, SystemFrame, SystemSolution } from './system-types.js';

const MAX_STEPS = 400;
/** Relative; the steps around the solution begin anew from what is left. */
const TOLERANCE = 1e-4;

/**
 * Minimises sum w |r + J s - A p|^2 over frame and distortion numbers p and node steps s, with the priors of all; each distortion by its order, sought from its terms on. The nodes are eliminated one by one,
 * what remains (Schur complement, never formed) is solved by preconditioned conjugate gradients: time and memory are linear in the links. `start`: the solution
 * of a like system to start from.
 */
export function solveSystem(
  rows: LinkRows,
  nodes: NodePriors,
  frames: readonly SystemFrame[],
  optics: readonly Distortion[],
  start?: SystemSolution,
): SystemSolution {
  const system = new NormalEquations(rows, nodes, frames, optics);
  const b = system.rightSide();
  const precondition = preconditioner(system);
  const x = system.start(start);
  const z = b.slice();
  precondition(z);
  const enough = dot(b, z) * TOLERANCE * TOLERANCE;
  const q = new Float64Array(system.size);
  system.apply(x, q);
  const r = b.map((value, i) => value - q[i]);
  z.set(r);
  precondition(z);
  const p = z.slice();
  let rz = dot(r, z);
  for (let step = 0; step < MAX_STEPS && rz > enough; step++) {
    system.apply(p, q);
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
  return result(system, x);
}

function result(system: NormalEquations, x: Float64Array): SystemSolution {
  system.move(x);
  const { node, jacobian, residual, weight } = system.rows;
  const { count } = system.nodes;
  const steps = new Float64Array(2 * count);
  const left = new Float32Array(2 * system.links);
  for (let l = 0; l < system.links; l++) {
    left[2 * l] = residual[2 * l] - system.moved[2 * l];
    left[2 * l + 1] = residual[2 * l + 1] - system.moved[2 * l + 1];
    const [ex, ey] = [weight[l] * left[2 * l], weight[l] * left[2 * l + 1]];
    steps[2 * node[l]] -= jacobian[4 * l] * ex + jacobian[4 * l + 2] * ey;
    steps[2 * node[l] + 1] -= jacobian[4 * l + 1] * ex + jacobian[4 * l + 3] * ey;
  }
  system.elimination.solveNodes(steps, 1);
  for (let l = 0; l < system.links; l++) {
    const [e, n] = [steps[2 * node[l]], steps[2 * node[l] + 1]];
    left[2 * l] += jacobian[4 * l] * e + jacobian[4 * l + 1] * n;
    left[2 * l + 1] += jacobian[4 * l + 2] * e + jacobian[4 * l + 3] * n;
  }
  return {
    frames: x.slice(0, system.opticsAt),
    optics: x.slice(system.opticsAt),
    nodes: steps,
    residual: left,
  };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

// The joint adjustment's least squares by conjugate gradients; what is minimised is told in `src/astrometry/adjust/adjust-system.ts`.
import { precondition, prepareFrames, prepareOptics } from './adjust-blocks';
import { apply, invertNodes, mask, move, rightSide, solveNodes } from './adjust-normal';
import { linearise } from './adjust-linearise';
import { AdjustProblem } from './adjust-problem';
import { addF64, f32At, f64At, putF32, putF64, u32At } from '../../words';

/** What all distortions have in common: to be called once the problem stands, before it is solved for one after the other. */
export function adjustPrepare(problem: usize): void {
  const a = changetype<AdjustProblem>(problem);
  linearise(a);
  invertNodes(a);
  prepareFrames(a);
}

/** Improves the numbers at `x` until the error has fallen to `tolerance` of what it is for zeros, then fills `steps` and `left`; returns the number of iterations. */
export function adjustSolve(problem: usize, tolerance: f64, maxIterations: u32): u32 {
  const a = changetype<AdjustProblem>(problem);
  const size = a.size;
  const bytes = <usize>size << 3;
  prepareOptics(a);
  rightSide(a);
  mask(a, a.x);
  memory.copy(a.z, a.r, bytes);
  precondition(a, a.z);
  const enough = dot(a.r, a.z, size) * tolerance * tolerance;
  apply(a, a.x);
  for (let i: u32 = 0; i < size; i++) addF64(a.r, i, -f64At(a.q, i));
  memory.copy(a.z, a.r, bytes);
  precondition(a, a.z);
  memory.copy(a.p, a.z, bytes);
  let rz = dot(a.r, a.z, size);
  let iteration: u32 = 0;
  for (; iteration < maxIterations && rz > enough; iteration++) {
    apply(a, a.p);
    const alpha = rz / dot(a.p, a.q, size);
    for (let i: u32 = 0; i < size; i++) {
      addF64(a.x, i, alpha * f64At(a.p, i));
      addF64(a.r, i, -(alpha * f64At(a.q, i)));
    }
    memory.copy(a.z, a.r, bytes);
    precondition(a, a.z);
    const next = dot(a.r, a.z, size);
    const beta = next / rz;
    rz = next;
    for (let i: u32 = 0; i < size; i++) putF64(a.p, i, f64At(a.z, i) + beta * f64At(a.p, i));
  }
  finish(a);
  return iteration;
}

/** Steps of the nodes that go with `x`, and what the links have left after both. */
function finish(a: AdjustProblem): void {
  move(a, a.x);
  memory.fill(a.steps, 0, <usize>(2 * a.nodes) << 3);
  for (let l: u32 = 0; l < a.links; l++) {
    putF32(a.left, 2 * l, f32At(a.residual, 2 * l) - f64At(a.values, 2 * l));
    putF32(a.left, 2 * l + 1, f32At(a.residual, 2 * l + 1) - f64At(a.values, 2 * l + 1));
    const ex = f32At(a.weight, l) * f32At(a.left, 2 * l);
    const ey = f32At(a.weight, l) * f32At(a.left, 2 * l + 1);
    const at: u32 = 2 * u32At(a.node, l);
    addF64(a.steps, at, -(f32At(a.jacobian, 4 * l) * ex + f32At(a.jacobian, 4 * l + 2) * ey));
    addF64(a.steps, at + 1, -(f32At(a.jacobian, 4 * l + 1) * ex + f32At(a.jacobian, 4 * l + 3) * ey));
  }
  solveNodes(a, 1);
  for (let l: u32 = 0; l < a.links; l++) {
    const at: u32 = 2 * u32At(a.node, l);
    const e = f64At(a.steps, at), n = f64At(a.steps, at + 1);
    const x = f32At(a.jacobian, 4 * l) * e + f32At(a.jacobian, 4 * l + 1) * n;
    const y = f32At(a.jacobian, 4 * l + 2) * e + f32At(a.jacobian, 4 * l + 3) * n;
    putF32(a.left, 2 * l, f32At(a.left, 2 * l) + x);
    putF32(a.left, 2 * l + 1, f32At(a.left, 2 * l + 1) + y);
  }
}

function dot(a: usize, b: usize, size: u32): f64 {
  let sum: f64 = 0;
  for (let i: u32 = 0; i < size; i++) sum += f64At(a, i) * f64At(b, i);
  return sum;
}

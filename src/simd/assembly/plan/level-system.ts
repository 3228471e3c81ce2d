// The level solve's passes over all observations; what they compute is told in `src/photometry/level-system.ts`, whose record of sizes and
// addresses this is. Sums are taken in the order of the observations.
import { factorBlock, solveBlock } from './cholesky';
import { surface, surfaceTerms } from './surface';
import { addF64, f32At, f64At, putF64, u32At } from '../words';

@unmanaged
class LevelProblem {
  frames: u32;
  terms: u32;
  nodes: u32;
  /** u32 [frames + 1] */
  start: usize;
  /** u32, f64, f32 [observations] */
  node: usize;
  level: usize;
  sigma: usize;
  x: usize;
  y: usize;
  /** u32 [nodes] */
  seen: usize;
  /** u8 [frames] */
  held: usize;
  /** f64 [6] */
  ridge: usize;
  /** f64 [observations] */
  robust: usize;
  weight: usize;
  residual: usize;
  sizes: usize;
  /** f64 [nodes] */
  nodeWeight: usize;
  nodeMean: usize;
  sky: usize;
  /** f64 [frames, terms, terms] */
  blocks: usize;
  /** f64 [frames, terms] */
  p: usize;
  left: usize;
  direction: usize;
  product: usize;
  scaled: usize;
}

/** Coefficient `k` at `c`, of which there are `terms`. */
@inline
function term(c: usize, k: u32, terms: u32): f64 {
  return k < terms ? f64At(c, k) : 0;
}

/** Weights of the observations from the robust ones, of the nodes, and the factored blocks of the frames. */
export function levelPrepare(problem: usize): void {
  const q = changetype<LevelProblem>(problem);
  const terms = q.terms;
  const count = u32At(q.start, q.frames);
  memory.fill(q.nodeWeight, 0, <usize>q.nodes << 3);
  for (let o: u32 = 0; o < count; o++) {
    const n = u32At(q.node, o);
    const sigma = f32At(q.sigma, o);
    // a node seen once says nothing about surfaces: weight 0 keeps it out of the system
    const w = u32At(q.seen, n) > 1 ? f64At(q.robust, o) / (sigma * sigma) : 0;
    putF64(q.weight, o, w);
    addF64(q.nodeWeight, n, w);
  }
  memory.fill(q.blocks, 0, <usize>(q.frames * terms * terms) << 3);
  const basis = memory.data(48);
  for (let f: u32 = 0; f < q.frames; f++) {
    const block = q.blocks + (<usize>(f * terms * terms) << 3);
    const end = u32At(q.start, f + 1);
    for (let o = u32At(q.start, f); o < end; o++) {
      const w = f64At(q.weight, o);
      if (!(w > 0)) continue;
      const own = w * (1 - w / f64At(q.nodeWeight, u32At(q.node, o)));
      const x = f32At(q.x, o);
      const y = f32At(q.y, o);
      surfaceTerms(basis, x, y);
      for (let i: u32 = 0; i < terms; i++) {
        const part = own * f64At(basis, i);
        for (let j: u32 = 0; j <= i; j++) addF64(block, i * terms + j, part * f64At(basis, j));
      }
    }
    for (let i: u32 = 0; i < terms; i++) addF64(block, i * terms + i, f64At(q.ridge, i));
    factorBlock(block, terms);
  }
}

/** Improves the coefficients at `p` by preconditioned conjugate gradients; returns the number of iterations used. */
export function levelSolve(problem: usize, tolerance: f64, maxIterations: u32): u32 {
  const q = changetype<LevelProblem>(problem);
  const size = q.frames * q.terms;
  rightHandSide(q);
  const target = tolerance * sqrt<f64>(preconditionedNorm(q));
  multiply(q, q.p);
  for (let i: u32 = 0; i < size; i++) addF64(q.left, i, -f64At(q.product, i));
  let rho = preconditionedNorm(q);
  memory.copy(q.direction, q.scaled, <usize>size << 3);
  let iteration: u32 = 0;
  while (iteration < maxIterations && sqrt<f64>(rho) > target && rho > 0) {
    multiply(q, q.direction);
    let curvature: f64 = 0;
    for (let i: u32 = 0; i < size; i++) curvature += f64At(q.direction, i) * f64At(q.product, i);
    if (!(curvature > 0)) break;
    const step = rho / curvature;
    for (let i: u32 = 0; i < size; i++) {
      addF64(q.p, i, step * f64At(q.direction, i));
      addF64(q.left, i, -(step * f64At(q.product, i)));
    }
    const next = preconditionedNorm(q);
    const beta = next / rho;
    for (let i: u32 = 0; i < size; i++) putF64(q.direction, i, f64At(q.scaled, i) + beta * f64At(q.direction, i));
    rho = next;
    iteration++;
  }
  return iteration;
}

/** The sky of the nodes for the coefficients at `p`, the residuals, and of every `stride`th the size in sigmas; returns how many sizes. */
export function levelResiduals(problem: usize, stride: u32): u32 {
  const q = changetype<LevelProblem>(problem);
  const terms = q.terms;
  memory.fill(q.sky, 0, <usize>q.nodes << 3);
  for (let f: u32 = 0; f < q.frames; f++) {
    const c = q.p + (<usize>(f * terms) << 3);
    const end = u32At(q.start, f + 1);
    for (let o = u32At(q.start, f); o < end; o++) {
      const own = f64At(q.level, o) - surface(c, terms, f32At(q.x, o), f32At(q.y, o));
      addF64(q.sky, u32At(q.node, o), f64At(q.weight, o) * own);
    }
  }
  for (let n: u32 = 0; n < q.nodes; n++) {
    const w = f64At(q.nodeWeight, n);
    putF64(q.sky, n, w > 0 ? f64At(q.sky, n) / w : NaN);
  }
  let count: u32 = 0;
  for (let f: u32 = 0; f < q.frames; f++) {
    const c = q.p + (<usize>(f * terms) << 3);
    const end = u32At(q.start, f + 1);
    for (let o = u32At(q.start, f); o < end; o++) {
      const n = u32At(q.node, o);
      const seen = u32At(q.seen, n);
      if (seen < 2) {
        putF64(q.residual, o, 0);
        continue;
      }
      // a node whose observations are all shut out stays out
      const sky = f64At(q.sky, n);
      const residual = isNaN(sky)
        ? Infinity
        : f64At(q.level, o) - sky - surface(c, terms, f32At(q.x, o), f32At(q.y, o));
      putF64(q.residual, o, residual);
      // the mean of m observations took 1/m of their variance
      if (o % stride == 0)
        putF64(q.sizes, count++, abs<f64>(residual) / f32At(q.sigma, o) / sqrt<f64>(1 - 1 / <f64>seen));
    }
  }
  return count;
}

/** Robust weights from the residuals in units of `scale` sigma: Tukey's biweight, which ends at `limit`, or Huber's; returns the sum of their changes. */
export function levelReweigh(problem: usize, scale: f64, limit: f64, isTukey: bool): f64 {
  const q = changetype<LevelProblem>(problem);
  const count = u32At(q.start, q.frames);
  let change: f64 = 0;
  for (let o: u32 = 0; o < count; o++) {
    const size = abs<f64>(f64At(q.residual, o) / (f32At(q.sigma, o) * scale));
    let weight: f64;
    if (!isTukey) weight = size <= limit ? 1 : limit / size;
    else {
      const share = size / limit;
      const inside = 1 - share * share;
      weight = size < limit ? inside * inside : 0;
    }
    change += abs<f64>(weight - f64At(q.robust, o));
    putF64(q.robust, o, weight);
  }
  return change;
}

function rightHandSide(q: LevelProblem): void {
  const terms = q.terms;
  const count = u32At(q.start, q.frames);
  memory.fill(q.nodeMean, 0, <usize>q.nodes << 3);
  for (let o: u32 = 0; o < count; o++) addF64(q.nodeMean, u32At(q.node, o), f64At(q.weight, o) * f64At(q.level, o));
  divideByNodeWeight(q);
  for (let f: u32 = 0; f < q.frames; f++) {
    let s0: f64 = 0, s1: f64 = 0, s2: f64 = 0, s3: f64 = 0, s4: f64 = 0, s5: f64 = 0;
    const end = u32At(q.start, f + 1);
    for (let o = u32At(q.start, f); o < end; o++) {
      const x = f32At(q.x, o);
      const y = f32At(q.y, o);
      const d = f64At(q.weight, o) * (f64At(q.level, o) - f64At(q.nodeMean, u32At(q.node, o)));
      s0 += d;
      s1 += d * x;
      s2 += d * y;
      s3 += d * x * x;
      s4 += d * x * y;
      s5 += d * y * y;
    }
    putSums(q.left + (<usize>(f * terms) << 3), terms, s0, s1, s2, s3, s4, s5);
  }
  clearHeld(q, q.left);
}

function putSums(at: usize, terms: u32, s0: f64, s1: f64, s2: f64, s3: f64, s4: f64, s5: f64): void {
  putF64(at, 0, s0);
  if (terms > 1) {
    putF64(at, 1, s1);
    putF64(at, 2, s2);
  }
  if (terms > 3) {
    putF64(at, 3, s3);
    putF64(at, 4, s4);
    putF64(at, 5, s5);
  }
}

/** The normal matrix times `p`, to `product`: one pass up to the nodes, one back to the frames; unused terms are 0. */
function multiply(q: LevelProblem, p: usize): void {
  const terms = q.terms;
  memory.fill(q.nodeMean, 0, <usize>q.nodes << 3);
  for (let f: u32 = 0; f < q.frames; f++) {
    const c = p + (<usize>(f * terms) << 3);
    const c0 = f64At(c, 0), c1 = term(c, 1, terms), c2 = term(c, 2, terms);
    const c3 = term(c, 3, terms), c4 = term(c, 4, terms), c5 = term(c, 5, terms);
    const end = u32At(q.start, f + 1);
    for (let o = u32At(q.start, f); o < end; o++) {
      const x = f32At(q.x, o);
      const y = f32At(q.y, o);
      const value = c0 + x * (c1 + c3 * x + c4 * y) + y * (c2 + c5 * y);
      addF64(q.nodeMean, u32At(q.node, o), f64At(q.weight, o) * value);
    }
  }
  divideByNodeWeight(q);
  for (let f: u32 = 0; f < q.frames; f++) {
    const c = p + (<usize>(f * terms) << 3);
    const c0 = f64At(c, 0), c1 = term(c, 1, terms), c2 = term(c, 2, terms);
    const c3 = term(c, 3, terms), c4 = term(c, 4, terms), c5 = term(c, 5, terms);
    let s0: f64 = 0, s1: f64 = 0, s2: f64 = 0, s3: f64 = 0, s4: f64 = 0, s5: f64 = 0;
    const end = u32At(q.start, f + 1);
    for (let o = u32At(q.start, f); o < end; o++) {
      const x = f32At(q.x, o);
      const y = f32At(q.y, o);
      const value = c0 + x * (c1 + c3 * x + c4 * y) + y * (c2 + c5 * y);
      const d = f64At(q.weight, o) * (value - f64At(q.nodeMean, u32At(q.node, o)));
      s0 += d;
      s1 += d * x;
      s2 += d * y;
      s3 += d * x * x;
      s4 += d * x * y;
      s5 += d * y * y;
    }
    const at = q.product + (<usize>(f * terms) << 3);
    putSums(at, terms, s0, s1, s2, s3, s4, s5);
    for (let k: u32 = 0; k < terms; k++) putF64(at, k, f64At(q.ridge, k) * f64At(c, k) + f64At(at, k));
  }
  clearHeld(q, q.product);
}

function clearHeld(q: LevelProblem, p: usize): void {
  const bytes = <usize>q.terms << 3;
  for (let f: u32 = 0; f < q.frames; f++) if (load<u8>(q.held + f)) memory.fill(p + f * bytes, 0, bytes);
}

function divideByNodeWeight(q: LevelProblem): void {
  for (let n: u32 = 0; n < q.nodes; n++) {
    const w = f64At(q.nodeWeight, n);
    putF64(q.nodeMean, n, w > 0 ? f64At(q.nodeMean, n) / w : 0);
  }
}

/** What is left, through the frames' blocks, to `scaled`; returns their product. */
function preconditionedNorm(q: LevelProblem): f64 {
  const terms = q.terms;
  const size = q.frames * terms;
  memory.copy(q.scaled, q.left, <usize>size << 3);
  for (let f: u32 = 0; f < q.frames; f++)
    solveBlock(q.blocks + (<usize>(f * terms * terms) << 3), terms, q.scaled + (<usize>(f * terms) << 3));
  let sum: f64 = 0;
  for (let i: u32 = 0; i < size; i++) sum += f64At(q.left, i) * f64At(q.scaled, i);
  return sum;
}

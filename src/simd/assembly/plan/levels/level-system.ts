// The level solve's passes over all observations; what they compute is told in `src/photometry/levels/level-system.ts`. Sums are taken in the order of the observations.
import { medianOf } from '../../select';
import { factorBlock, solveBlock } from '../cholesky';
import { multiply, rightHandSide } from './level-product';
import { LevelProblem } from './level-problem';
import { surface } from '../surface';
import { addF64, f32At, f64At, putF64, u32At } from '../../words';

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
  for (let f: u32 = 0; f < q.frames; f++) {
    const block = q.blocks + (<usize>(f * terms * terms) << 3);
    if (terms == 6) sumBlock6(q, f, block);
    else if (terms == 3) sumBlock3(q, f, block);
    else sumBlock1(q, f, block);
    for (let i: u32 = 0; i < terms; i++) addF64(block, i * terms + i, f64At(q.ridge, i));
    factorBlock(block, terms);
  }
}

/** What the weight of observation `o` is worth once its node is free. */
@inline
function ownWeight(q: LevelProblem, o: u32): f64 {
  const w = f64At(q.weight, o);
  return w > 0 ? w * (1 - w / f64At(q.nodeWeight, u32At(q.node, o))) : 0;
}

function sumBlock1(q: LevelProblem, f: u32, block: usize): void {
  let sum: f64 = 0;
  const end = u32At(q.start, f + 1);
  for (let o = u32At(q.start, f); o < end; o++) sum += ownWeight(q, o);
  putF64(block, 0, sum);
}

function sumBlock3(q: LevelProblem, f: u32, block: usize): void {
  let s00: f64 = 0, s10: f64 = 0, s11: f64 = 0, s20: f64 = 0, s21: f64 = 0, s22: f64 = 0;
  const end = u32At(q.start, f + 1);
  for (let o = u32At(q.start, f); o < end; o++) {
    const own = ownWeight(q, o);
    const x = f32At(q.x, o);
    const y = f32At(q.y, o);
    const ownX = own * x;
    const ownY = own * y;
    s00 += own;
    s10 += ownX;
    s11 += ownX * x;
    s20 += ownY;
    s21 += ownY * x;
    s22 += ownY * y;
  }
  putF64(block, 0, s00);
  putF64(block, 3, s10);
  putF64(block, 4, s11);
  putF64(block, 6, s20);
  putF64(block, 7, s21);
  putF64(block, 8, s22);
}

/** Rows of products of 1, x, y, xx, xy, yy, two numbers at once; what of them lies above the diagonal is not used. */
function sumBlock6(q: LevelProblem, f: u32, block: usize): void {
  let s00 = f64x2.splat(0), s10 = s00, s20 = s00, s22 = s00, s30 = s00, s32 = s00;
  let s40 = s00, s42 = s00, s44 = s00, s50 = s00, s52 = s00, s54 = s00;
  const end = u32At(q.start, f + 1);
  for (let o = u32At(q.start, f); o < end; o++) {
    const own = ownWeight(q, o);
    const x = f32At(q.x, o);
    const y = f32At(q.y, o);
    const b0 = f64x2.replace_lane(f64x2.splat(1), 1, x);
    const b2 = f64x2.replace_lane(f64x2.splat(y), 1, x * x);
    const b4 = f64x2.replace_lane(f64x2.splat(x * y), 1, y * y);
    let part = f64x2.splat(own);
    s00 = f64x2.add(s00, f64x2.mul(part, b0));
    part = f64x2.splat(own * x);
    s10 = f64x2.add(s10, f64x2.mul(part, b0));
    part = f64x2.splat(own * y);
    s20 = f64x2.add(s20, f64x2.mul(part, b0));
    s22 = f64x2.add(s22, f64x2.mul(part, b2));
    part = f64x2.splat(own * (x * x));
    s30 = f64x2.add(s30, f64x2.mul(part, b0));
    s32 = f64x2.add(s32, f64x2.mul(part, b2));
    part = f64x2.splat(own * (x * y));
    s40 = f64x2.add(s40, f64x2.mul(part, b0));
    s42 = f64x2.add(s42, f64x2.mul(part, b2));
    s44 = f64x2.add(s44, f64x2.mul(part, b4));
    part = f64x2.splat(own * (y * y));
    s50 = f64x2.add(s50, f64x2.mul(part, b0));
    s52 = f64x2.add(s52, f64x2.mul(part, b2));
    s54 = f64x2.add(s54, f64x2.mul(part, b4));
  }
  v128.store(block, s00);
  v128.store(block, s10, 48);
  v128.store(block, s20, 96);
  v128.store(block, s22, 112);
  v128.store(block, s30, 144);
  v128.store(block, s32, 160);
  v128.store(block, s40, 192);
  v128.store(block, s42, 208);
  v128.store(block, s44, 224);
  v128.store(block, s50, 240);
  v128.store(block, s52, 256);
  v128.store(block, s54, 272);
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

/** The sky of the nodes for the coefficients at `p`, the residuals, and the median size of every `stride`th one that is shared, in sigmas; NaN without any. */
export function levelResiduals(problem: usize, stride: u32): f64 {
  const q = changetype<LevelProblem>(problem);
  const terms = q.terms;
  memory.fill(q.sky, 0, <usize>q.nodes << 3);
  for (let f: u32 = 0; f < q.frames; f++) {
    const c = q.p + (<usize>(f * terms) << 3);
    const end = u32At(q.start, f + 1);
    for (let o = u32At(q.start, f); o < end; o++) {
      const own = f32At(q.level, o) - surface(c, terms, f32At(q.x, o), f32At(q.y, o));
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
        : f32At(q.level, o) - sky - surface(c, terms, f32At(q.x, o), f32At(q.y, o));
      putF64(q.residual, o, residual);
      // the mean of m observations took 1/m of their variance
      if (o % stride == 0)
        putF64(q.sizes, count++, abs<f64>(residual) / f32At(q.sigma, o) / sqrt<f64>(1 - 1 / <f64>seen));
    }
  }
  return count > 0 ? medianOf<f64>(q.sizes, count, q.spare) : NaN;
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

// The normal equations of frames and distortions once the stars are eliminated (Schur complement): applied, never formed.
import { distortAll, distortAllTranspose } from './adjust-distortion';
import { AdjustProblem, DISTORTION_TERMS, FRAME_TERMS, termAllowed } from './adjust-problem';
import { addF64, f32At, f32PairAt, f64At, f64PairAt, putF64, putF64Pair, u32At } from '../../words';

/** Moves of all stars by the numbers `x` into `values`. */
export function move(a: AdjustProblem, x: usize): void {
  for (let f: u32 = 0; f < a.frames; f++) {
    const c = x + (<usize>(FRAME_TERMS * f) << 3);
    const shift = f64PairAt(c, 0);
    const byU = f64x2(f64At(c, 2), f64At(c, 4)), byV = f64x2(f64At(c, 3), f64At(c, 5));
    const from = u32At(a.start, f), to = u32At(a.start, f + 1);
    for (let l = from; l < to; l++) {
      const u = f64x2.splat(f32At(a.base, 2 * l)), v = f64x2.splat(f32At(a.base, 2 * l + 1));
      putF64Pair(a.values, l, f64x2.add(f64x2.add(shift, f64x2.mul(byU, u)), f64x2.mul(byV, v)));
    }
    const o = u32At(a.opticsOf, f);
    const terms = x + (<usize>a.opticsAt(o) << 3);
    distortAll(terms, u32At(a.order, o), a.raw, from, to, a.values);
  }
}

/** Adds A^T of the pixel values in `values`, weighted, to `y`. */
function transpose(a: AdjustProblem, y: usize): void {
  for (let f: u32 = 0; f < a.frames; f++) {
    let shift = f64x2.splat(0), ofX = shift, ofY = shift;
    const from = u32At(a.start, f), to = u32At(a.start, f + 1);
    for (let l = from; l < to; l++) {
      const base = f32PairAt(a.base, l);
      const e = f64x2.mul(f64x2.splat(f32At(a.weight, l)), f64PairAt(a.values, l));
      shift = f64x2.add(shift, e);
      ofX = f64x2.add(ofX, f64x2.mul(v128.shuffle<f64>(e, e, 0, 0), base));
      ofY = f64x2.add(ofY, f64x2.mul(v128.shuffle<f64>(e, e, 1, 1), base));
    }
    const at = (FRAME_TERMS / 2) * f;
    putF64Pair(y, at, f64x2.add(f64PairAt(y, at), shift));
    putF64Pair(y, at + 1, f64x2.add(f64PairAt(y, at + 1), ofX));
    putF64Pair(y, at + 2, f64x2.add(f64PairAt(y, at + 2), ofY));
    const o = u32At(a.opticsOf, f);
    const terms = y + (<usize>a.opticsAt(o) << 3);
    distortAllTranspose(a.values, a.weight, u32At(a.order, o), a.raw, from, to, terms);
  }
}

/** `q` = normal matrix times `x`. */
export function apply(a: AdjustProblem, x: usize): void {
  const y = a.q;
  move(a, x);
  eliminate(a, false);
  memory.fill(y, 0, <usize>a.size << 3);
  transpose(a, y);
  for (let f: u32 = 0; f < a.frames; f++) {
    const at = <usize>(FRAME_TERMS * f) << 3;
    addPrior(a, f, x + at, y + at);
  }
  const sigma = f64At(a.distortionSigma, 0);
  for (let i = a.opticsAt(0); i < a.size; i++) addF64(y, i, f64At(x, i) / (sigma * sigma));
  mask(a, y);
}

/** Right side of the equations, to `r`. */
export function rightSide(a: AdjustProblem): void {
  for (let i: u32 = 0; i < 2 * a.links; i++) putF64(a.values, i, f32At(a.residual, i));
  eliminate(a, true);
  memory.fill(a.r, 0, <usize>a.size << 3);
  transpose(a, a.r);
  const back = memory.data(48);
  for (let f: u32 = 0; f < a.frames; f++) {
    for (let i: u32 = 0; i < FRAME_TERMS; i++) putF64(back, i, -f64At(a.corrected, FRAME_TERMS * f + i));
    addPrior(a, f, back, a.r + (<usize>(FRAME_TERMS * f) << 3));
  }
  mask(a, a.r);
}

/** Sets what is held to 0. */
export function mask(a: AdjustProblem, y: usize): void {
  for (let f: u32 = 0; f < a.frames; f++)
    if (load<u8>(a.held + f)) memory.fill(y + (<usize>(FRAME_TERMS * f) << 3), 0, FRAME_TERMS << 3);
  for (let o: u32 = 0; o < a.optics; o++)
    for (let t: u32 = 0; t < DISTORTION_TERMS; t++)
      if (!termAllowed(t, u32At(a.order, o))) putF64(y, a.opticsAt(o) + t, 0);
}

/** `y += prior x` for the numbers of frame `f` at `x` and `y`: what it is believed to be before its stars are looked at. */
export function addPrior(a: AdjustProblem, f: u32, x: usize, y: usize): void {
  if (load<u8>(a.held + f)) return;
  const sigmas = a.prior + (<usize>(4 * f) << 3);
  const shift = f64At(sigmas, 0) * f64At(sigmas, 0);
  addF64(y, 0, f64At(x, 0) / shift);
  addF64(y, 1, f64At(x, 1) / shift);
  const xx = f64At(x, 2), xy = f64At(x, 3), yx = f64At(x, 4), yy = f64At(x, 5);
  const rotation = (yx - xy) / 4 / (f64At(sigmas, 1) * f64At(sigmas, 1));
  const scale = (xx + yy) / 4 / (f64At(sigmas, 2) * f64At(sigmas, 2));
  const loose = f64At(sigmas, 3) * f64At(sigmas, 3);
  const stretch = (xx - yy) / 4 / loose;
  const shear = (xy + yx) / 4 / loose;
  addF64(y, 2, scale + stretch);
  addF64(y, 3, shear - rotation);
  addF64(y, 4, shear + rotation);
  addF64(y, 5, scale - stretch);
}

/** Inverses of the nodes' 2 x 2 blocks. */
export function invertNodes(a: AdjustProblem): void {
  const sums = a.inverse;
  memory.fill(sums, 0, <usize>(3 * a.nodes) << 3);
  for (let l: u32 = 0; l < a.links; l++) {
    const w = f32At(a.weight, l);
    const xe = f32At(a.jacobian, 4 * l), xn = f32At(a.jacobian, 4 * l + 1);
    const ye = f32At(a.jacobian, 4 * l + 2), yn = f32At(a.jacobian, 4 * l + 3);
    const at: u32 = 3 * u32At(a.node, l);
    addF64(sums, at, w * (xe * xe + ye * ye));
    addF64(sums, at + 1, w * (xe * xn + ye * yn));
    addF64(sums, at + 2, w * (xn * xn + yn * yn));
  }
  for (let k: u32 = 0; k < a.nodes; k++) {
    const at: u32 = 3 * k;
    const ee = f64At(sums, at) + f64At(a.nodeWeight, k);
    const en = f64At(sums, at + 1);
    const nn = f64At(sums, at + 2) + f64At(a.nodeWeight, k);
    const det = ee * nn - en * en;
    // a node whose links have all been turned down stays where it is
    const ok = det > 1e-12 * ee * nn;
    putF64(sums, at, ok ? nn / det : 0);
    putF64(sums, at + 1, ok ? -en / det : 0);
    putF64(sums, at + 2, ok ? ee / det : 0);
  }
}

/** Takes from `values` what steps of the nodes take up of them; `pull` adds the catalogue's draw. */
function eliminate(a: AdjustProblem, pull: bool): void {
  const steps = a.steps;
  memory.fill(steps, 0, <usize>(2 * a.nodes) << 3);
  for (let l: u32 = 0; l < a.links; l++) {
    const e = f64x2.mul(f64x2.splat(f32At(a.weight, l)), f64PairAt(a.values, l));
    const byX = f64x2.mul(f32PairAt(a.jacobian, 2 * l), v128.shuffle<f64>(e, e, 0, 0));
    const byY = f64x2.mul(f32PairAt(a.jacobian, 2 * l + 1), v128.shuffle<f64>(e, e, 1, 1));
    const k = u32At(a.node, l);
    putF64Pair(steps, k, f64x2.add(f64PairAt(steps, k), f64x2.add(byX, byY)));
  }
  solveNodes(a, pull ? -1 : 0);
  for (let l: u32 = 0; l < a.links; l++) {
    const step = f64PairAt(steps, u32At(a.node, l));
    const x = f32PairAt(a.jacobian, 2 * l), y = f32PairAt(a.jacobian, 2 * l + 1);
    const byEast = f64x2.mul(v128.shuffle<f64>(x, y, 0, 2), v128.shuffle<f64>(step, step, 0, 0));
    const byNorth = f64x2.mul(v128.shuffle<f64>(x, y, 1, 3), v128.shuffle<f64>(step, step, 1, 1));
    putF64Pair(a.values, l, f64x2.sub(f64PairAt(a.values, l), f64x2.add(byEast, byNorth)));
  }
}

/** steps = inverse (steps + draw * pull), node by node. */
export function solveNodes(a: AdjustProblem, draw: f64): void {
  for (let k: u32 = 0; k < a.nodes; k++) {
    const w = draw * f64At(a.nodeWeight, k);
    const e = f64At(a.steps, 2 * k) + w * f64At(a.pull, 2 * k);
    const n = f64At(a.steps, 2 * k + 1) + w * f64At(a.pull, 2 * k + 1);
    const en = f64At(a.inverse, 3 * k + 1);
    putF64(a.steps, 2 * k, f64At(a.inverse, 3 * k) * e + en * n);
    putF64(a.steps, 2 * k + 1, en * e + f64At(a.inverse, 3 * k + 2) * n);
  }
}

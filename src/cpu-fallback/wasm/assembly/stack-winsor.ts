// Huber-consistent sigmas of two groups of four sorted lists: standard deviations of samples pulled in to within 1.5 sigma of the median, again and again until
// they stay.
import { WINSOR_CONSISTENCY, WINSOR_CUTOFF, WINSOR_MAX_STEPS, WINSOR_TOLERANCE } from './layout';

/** Sigmas of the lanes of both groups. */
export let winsorA: v128 = f32x4.splat(0);
export let winsorB: v128 = f32x4.splat(0);

let runningA: v128 = i32x4.splat(0);
let runningB: v128 = i32x4.splat(0);
/** Factors of `consistent`. As locals, the engine would divide again in every step. */
let shareA: v128 = f32x4.splat(0);
let shareB: v128 = f32x4.splat(0);
let scaleA: v128 = f32x4.splat(0);
let scaleB: v128 = f32x4.splat(0);

/** Numbers of survivors of every lane, their plain sigmas, and the lanes that are active, for `winsorised`. */
export function takeSurvivors(
  countA: v128,
  sigmaA: v128,
  activeA: v128,
  countB: v128,
  sigmaB: v128,
  activeB: v128,
): void {
  const zero = f32x4.splat(0);
  winsorA = sigmaA;
  winsorB = sigmaB;
  runningA = v128.and(activeA, f32x4.gt(sigmaA, zero));
  runningB = v128.and(activeB, f32x4.gt(sigmaB, zero));
  const one = f32x4.splat(1);
  const sizeA = f32x4.convert_i32x4_s(countA);
  const sizeB = f32x4.convert_i32x4_s(countB);
  shareA = f32x4.div(one, sizeA);
  shareB = f32x4.div(one, sizeB);
  const scale = f32x4.splat(WINSOR_CONSISTENCY * WINSOR_CONSISTENCY);
  scaleA = f32x4.div(scale, f32x4.sub(sizeA, one));
  scaleB = f32x4.div(scale, f32x4.sub(sizeB, one));
}

/**
 * Turns the plain sigmas of both groups into Huber-consistent ones, in the lanes that are active, from n vectors of excess, 0 where no survivor is.
 * Sums take the ranks in their order, so that no lane's last digits depend on which others are in its vector.
 */
export function winsorised(excessA: usize, excessB: usize, n: u32): void {
  const zero = f32x4.splat(0);
  const cutoff = f32x4.splat(WINSOR_CUTOFF);
  const tolerance = f32x4.splat(WINSOR_TOLERANCE);
  const bytes = <usize>n << 4;
  for (let step: u32 = 0; step < WINSOR_MAX_STEPS && v128.any_true(v128.or(runningA, runningB)); step++) {
    const a = winsorA;
    const b = winsorB;
    const reachA = f32x4.mul(cutoff, a);
    const reachB = f32x4.mul(cutoff, b);
    const minusA = f32x4.neg(reachA);
    const minusB = f32x4.neg(reachB);
    let sumA = zero;
    let sumB = zero;
    let squaresA = zero;
    let squaresB = zero;
    let at: usize = 0;
    do {
      const w = f32x4.pmin(f32x4.pmax(v128.load(excessA + at), minusA), reachA);
      const y = f32x4.pmin(f32x4.pmax(v128.load(excessB + at), minusB), reachB);
      sumA = f32x4.add(sumA, w);
      sumB = f32x4.add(sumB, y);
      squaresA = f32x4.add(squaresA, f32x4.mul(w, w));
      squaresB = f32x4.add(squaresB, f32x4.mul(y, y));
      at += 16;
    } while (at != bytes);
    const nextA = consistent(sumA, squaresA, shareA, scaleA);
    const nextB = consistent(sumB, squaresB, shareB, scaleB);
    const movesA = f32x4.gt(f32x4.abs(f32x4.sub(nextA, a)), f32x4.mul(tolerance, a));
    const movesB = f32x4.gt(f32x4.abs(f32x4.sub(nextB, b)), f32x4.mul(tolerance, b));
    winsorA = v128.bitselect(nextA, a, runningA);
    winsorB = v128.bitselect(nextB, b, runningB);
    runningA = v128.and(v128.and(runningA, movesA), f32x4.gt(winsorA, zero));
    runningB = v128.and(v128.and(runningB, movesB), f32x4.gt(winsorB, zero));
  }
}

/** Huber's factor times the standard deviation, from sum and squares; `share` = 1/n, `scale` = factor^2 / (n - 1). */
// @ts-ignore: decorator
@inline
function consistent(sum: v128, squares: v128, share: v128, scale: v128): v128 {
  const spread = f32x4.sub(squares, f32x4.mul(f32x4.mul(sum, sum), share));
  return f32x4.sqrt(f32x4.mul(f32x4.pmax(spread, f32x4.splat(0)), scale));
}

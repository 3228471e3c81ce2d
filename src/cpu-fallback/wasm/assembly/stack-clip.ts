// Iterative clipping about the median of two groups of four pixels at once, with the plain or the winsorised standard deviation; see the contracts
// stack-kappa-sigma and stack-winsorised. Lanes that have settled are frozen until the last one has.
import { WINSOR_CONSISTENCY, WINSOR_CUTOFF, WINSOR_MAX_STEPS, WINSOR_TOLERANCE } from './layout';
import { laneMedian, laneOf } from './stack-order';
import { keepsRest } from './stack-proof';
import { excessAt, sortedAt } from './stack-scratch';

/** Survivors of every lane of both groups: sorted[low..high). */
export let lowA: v128 = i32x4.splat(0);
export let highA: v128 = i32x4.splat(0);
export let lowB: v128 = i32x4.splat(0);
export let highB: v128 = i32x4.splat(0);

/** Narrows sorted[0..count) of every lane of two sets of lists of up to n vectors to its survivors. */
export function clipPair(
  setA: usize,
  setB: usize,
  slots: u32,
  n: u32,
  countA: v128,
  countB: v128,
  kappaLow: f32,
  kappaHigh: f32,
  maxIterations: u32,
  winsorise: bool,
): void {
  const three = i32x4.splat(3);
  const sortedA = sortedAt(setA, slots);
  const sortedB = sortedAt(setB, slots);
  const excessA = excessAt(setA, slots);
  const excessB = excessAt(setB, slots);
  lowA = i32x4.splat(0);
  lowB = lowA;
  highA = countA;
  highB = countB;
  const perLow = <f32>1 / kappaLow;
  const perHigh = <f32>1 / kappaHigh;
  let activeA = i32x4.ge_s(countA, three);
  let activeB = i32x4.ge_s(countB, three);
  for (let i: u32 = 0; i < maxIterations && v128.any_true(v128.or(activeA, activeB)); i++) {
    sigmaA = deviations(sortedA, excessA, n, lowA, highA);
    sigmaB = deviations(sortedB, excessB, n, lowB, highB);
    if (winsorise) {
      // The first time, nothing was proven of the pixels that come here; later, most lose nothing more.
      if (i > 0) {
        const keptA = keepsRest(excessA, n, sigmaA, lowA, highA, perLow, perHigh);
        const keptB = keepsRest(excessB, n, sigmaB, lowB, highB, perLow, perHigh);
        activeA = v128.andnot(activeA, keptA);
        activeB = v128.andnot(activeB, keptB);
        if (!v128.any_true(v128.or(activeA, activeB))) return;
      }
      winsorised(excessA, excessB, n, activeA, activeB);
    }
    clip(sortedA, excessA, n, lowA, highA, activeA, sigmaA, kappaLow, kappaHigh);
    activeA = v128.and(changedLanes, i32x4.ge_s(i32x4.sub(clippedHigh, clippedLow), three));
    lowA = clippedLow;
    highA = clippedHigh;
    clip(sortedB, excessB, n, lowB, highB, activeB, sigmaB, kappaLow, kappaHigh);
    activeB = v128.and(changedLanes, i32x4.ge_s(i32x4.sub(clippedHigh, clippedLow), three));
    lowB = clippedLow;
    highB = clippedHigh;
  }
}

/** Standard deviations of the survivors of both groups. */
let sigmaA: v128 = f32x4.splat(0);
let sigmaB: v128 = f32x4.splat(0);

/** Results of clip: survivors of every lane, and the lanes that lost some. */
let clippedLow: v128 = i32x4.splat(0);
let clippedHigh: v128 = i32x4.splat(0);
let changedLanes: v128 = i32x4.splat(0);

/** One rejection beyond kappa times sigma, in the lanes that are active. */
function clip(
  sorted: usize,
  excess: usize,
  n: u32,
  lo: v128,
  hi: v128,
  active: v128,
  sigma: v128,
  kappaLow: f32,
  kappaHigh: f32,
): void {
  const moving = v128.and(active, f32x4.gt(sigma, f32x4.splat(0)));
  const high = f32x4.mul(f32x4.splat(kappaHigh), sigma);
  const low = f32x4.neg(f32x4.mul(f32x4.splat(kappaLow), sigma));
  let below = i32x4.splat(0);
  let above = i32x4.splat(0);
  const end = excess + (<usize>n << 4);
  for (let at = excess; at < end; at += 16) {
    const d = v128.load(at);
    below = i32x4.sub(below, f32x4.lt(d, low));
    above = i32x4.sub(above, f32x4.gt(d, high));
  }
  below = v128.and(below, moving);
  above = v128.and(above, moving);
  clippedLow = i32x4.add(lo, below);
  clippedHigh = i32x4.sub(hi, above);
  const lost = v128.and(moving, i32x4.ne(i32x4.add(below, above), i32x4.splat(0)));
  const emptied = v128.and(lost, i32x4.ge_s(clippedLow, clippedHigh));
  if (v128.any_true(emptied)) keepMiddles(sorted, lo, hi, emptied);
  const same = v128.and(i32x4.eq(clippedLow, lo), i32x4.eq(clippedHigh, hi));
  changedLanes = v128.andnot(lost, same);
}

/** Writes survivors minus their median (others 0, and zeros up to a multiple of 4) and returns the standard deviation (n - 1) about their mean. */
function deviations(sorted: usize, excess: usize, n: u32, lo: v128, hi: v128): v128 {
  const m = laneMedian(sorted, lo, hi);
  const one = i32x4.splat(1);
  const zero = f32x4.splat(0);
  const bytes = <usize>n << 4;
  let index = i32x4.splat(0);
  let sum = zero;
  for (let at: usize = 0; at < bytes; at += 16) {
    const survives = v128.and(i32x4.ge_s(index, lo), i32x4.lt_s(index, hi));
    const d = v128.and(f32x4.sub(v128.load(sorted + at), m), survives);
    v128.store(excess + at, d);
    sum = f32x4.add(sum, d);
    index = i32x4.add(index, one);
  }
  v128.store(excess + bytes, zero);
  v128.store(excess + bytes, zero, 16);
  v128.store(excess + bytes, zero, 32);
  const survivors = f32x4.convert_i32x4_s(i32x4.sub(hi, lo));
  const mean = f32x4.div(sum, survivors);
  index = i32x4.splat(0);
  let squares = zero;
  for (let at: usize = 0; at < bytes; at += 16) {
    const survives = v128.and(i32x4.ge_s(index, lo), i32x4.lt_s(index, hi));
    const d = v128.and(f32x4.sub(v128.load(excess + at), mean), survives);
    squares = f32x4.add(squares, f32x4.mul(d, d));
    index = i32x4.add(index, one);
  }
  return f32x4.sqrt(f32x4.div(squares, f32x4.sub(survivors, f32x4.splat(1))));
}

/** Factors of `consistent`. As locals, the engine would divide again in every step. */
let shareA: v128 = f32x4.splat(0);
let shareB: v128 = f32x4.splat(0);
let scaleA: v128 = f32x4.splat(0);
let scaleB: v128 = f32x4.splat(0);

/** Turns the plain sigmas of both groups into Huber-consistent ones, in the lanes that are active. */
function winsorised(excessA: usize, excessB: usize, n: u32, activeA: v128, activeB: v128): void {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  const cutoff = f32x4.splat(WINSOR_CUTOFF);
  const tolerance = f32x4.splat(WINSOR_TOLERANCE);
  const bytes = <usize>n << 4;
  const sizeA = f32x4.convert_i32x4_s(i32x4.sub(highA, lowA));
  const sizeB = f32x4.convert_i32x4_s(i32x4.sub(highB, lowB));
  shareA = f32x4.div(one, sizeA);
  shareB = f32x4.div(one, sizeB);
  const scale = f32x4.splat(WINSOR_CONSISTENCY * WINSOR_CONSISTENCY);
  scaleA = f32x4.div(scale, f32x4.sub(sizeA, one));
  scaleB = f32x4.div(scale, f32x4.sub(sizeB, one));
  let a = sigmaA;
  let b = sigmaB;
  let runningA = v128.and(activeA, f32x4.gt(a, zero));
  let runningB = v128.and(activeB, f32x4.gt(b, zero));
  for (let step: u32 = 0; step < WINSOR_MAX_STEPS && v128.any_true(v128.or(runningA, runningB)); step++) {
    const reachA = f32x4.mul(cutoff, a);
    const reachB = f32x4.mul(cutoff, b);
    const minusA = f32x4.neg(reachA);
    const minusB = f32x4.neg(reachB);
    // Two sums a group, so that no addition waits for the one before it. Which one takes a survivor depends on its rank alone.
    let sumA0 = zero;
    let sumA1 = zero;
    let sumB0 = zero;
    let sumB1 = zero;
    let squaresA0 = zero;
    let squaresA1 = zero;
    let squaresB0 = zero;
    let squaresB1 = zero;
    for (let at: usize = 0; at < bytes; at += 32) {
      const w = f32x4.pmin(f32x4.pmax(v128.load(excessA + at), minusA), reachA);
      const x = f32x4.pmin(f32x4.pmax(v128.load(excessA + at, 16), minusA), reachA);
      const y = f32x4.pmin(f32x4.pmax(v128.load(excessB + at), minusB), reachB);
      const z = f32x4.pmin(f32x4.pmax(v128.load(excessB + at, 16), minusB), reachB);
      sumA0 = f32x4.add(sumA0, w);
      sumA1 = f32x4.add(sumA1, x);
      sumB0 = f32x4.add(sumB0, y);
      sumB1 = f32x4.add(sumB1, z);
      squaresA0 = f32x4.add(squaresA0, f32x4.mul(w, w));
      squaresA1 = f32x4.add(squaresA1, f32x4.mul(x, x));
      squaresB0 = f32x4.add(squaresB0, f32x4.mul(y, y));
      squaresB1 = f32x4.add(squaresB1, f32x4.mul(z, z));
    }
    const nextA = consistent(f32x4.add(sumA0, sumA1), f32x4.add(squaresA0, squaresA1), shareA, scaleA);
    const nextB = consistent(f32x4.add(sumB0, sumB1), f32x4.add(squaresB0, squaresB1), shareB, scaleB);
    const movesA = f32x4.gt(f32x4.abs(f32x4.sub(nextA, a)), f32x4.mul(tolerance, a));
    const movesB = f32x4.gt(f32x4.abs(f32x4.sub(nextB, b)), f32x4.mul(tolerance, b));
    a = v128.bitselect(nextA, a, runningA);
    b = v128.bitselect(nextB, b, runningB);
    runningA = v128.and(v128.and(runningA, movesA), f32x4.gt(a, zero));
    runningB = v128.and(v128.and(runningB, movesB), f32x4.gt(b, zero));
  }
  sigmaA = a;
  sigmaB = b;
}

/** Huber's factor times the standard deviation, from sum and squares; `share` = 1/n, `scale` = factor^2 / (n - 1). */
// @ts-ignore: decorator
@inline
function consistent(sum: v128, squares: v128, share: v128, scale: v128): v128 {
  const spread = f32x4.sub(squares, f32x4.mul(f32x4.mul(sum, sum), share));
  return f32x4.sqrt(f32x4.mul(f32x4.pmax(spread, f32x4.splat(0)), scale));
}

/** For the emptied lanes, what equals the lower of the middle samples stays. */
function keepMiddles(sorted: usize, lo: v128, hi: v128, emptied: v128): void {
  let lanes = i32x4.bitmask(emptied);
  while (lanes != 0) {
    const lane = ctz(lanes);
    const list = sorted + <usize>lane * 4;
    const from = laneOf(lo, lane);
    const to = laneOf(hi, lane);
    const middle = (from + to - 1) >> 1;
    const keep = load<f32>(list + ((<usize>middle) << 4));
    let a = middle;
    let b = middle + 1;
    while (a > from && load<f32>(list + ((<usize>(a - 1)) << 4)) == keep) a--;
    while (b < to && load<f32>(list + ((<usize>b) << 4)) == keep) b++;
    const only = i32x4.eq(i32x4(0, 1, 2, 3), i32x4.splat(lane));
    clippedLow = v128.bitselect(i32x4.splat(a), clippedLow, only);
    clippedHigh = v128.bitselect(i32x4.splat(b), clippedHigh, only);
    lanes &= lanes - 1;
  }
}

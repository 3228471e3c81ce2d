// Iterative clipping about the median of two groups of four pixels at once, with the plain or the winsorised standard deviation; see the contracts
// stack-kappa-sigma and stack-winsorised. Lanes that have settled are frozen until the last one has.
import { laneMedian, laneOf } from './stack-order';
import { keepsRest } from './stack-proof';
import { excessAt, sortedAt } from './stack-scratch';
import { takeSurvivors, winsorA, winsorB, winsorised } from './stack-winsor';

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
      takeSurvivors(i32x4.sub(highA, lowA), sigmaA, activeA, i32x4.sub(highB, lowB), sigmaB, activeB);
      winsorised(excessA, excessB, n);
      sigmaA = winsorA;
      sigmaB = winsorB;
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
  let at = excess;
  do {
    const d = v128.load(at);
    below = i32x4.sub(below, f32x4.lt(d, low));
    above = i32x4.sub(above, f32x4.gt(d, high));
    at += 16;
  } while (at != end);
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

/** Writes survivors minus their median (others 0) and returns the standard deviation (n - 1) about their mean. */
function deviations(sorted: usize, excess: usize, n: u32, lo: v128, hi: v128): v128 {
  const m = laneMedian(sorted, lo, hi);
  const one = i32x4.splat(1);
  const zero = f32x4.splat(0);
  const bytes = <usize>n << 4;
  const survivors = f32x4.convert_i32x4_s(i32x4.sub(hi, lo));
  let sum = zero;
  let squares = zero;
  let at: usize = 0;
  // All of all lanes survive where they have no blanks and clipping begins.
  if (i32x4.all_true(i32x4.eq(i32x4.sub(hi, lo), i32x4.splat(n)))) {
    do {
      const d = f32x4.sub(v128.load(sorted + at), m);
      v128.store(excess + at, d);
      sum = f32x4.add(sum, d);
      at += 16;
    } while (at != bytes);
    const mean = f32x4.div(sum, survivors);
    at = 0;
    do {
      const d = f32x4.sub(v128.load(excess + at), mean);
      squares = f32x4.add(squares, f32x4.mul(d, d));
      at += 16;
    } while (at != bytes);
  } else {
    let index = i32x4.splat(0);
    do {
      const survives = v128.and(i32x4.ge_s(index, lo), i32x4.lt_s(index, hi));
      const d = v128.and(f32x4.sub(v128.load(sorted + at), m), survives);
      v128.store(excess + at, d);
      sum = f32x4.add(sum, d);
      index = i32x4.add(index, one);
      at += 16;
    } while (at != bytes);
    const mean = f32x4.div(sum, survivors);
    index = i32x4.splat(0);
    at = 0;
    do {
      const survives = v128.and(i32x4.ge_s(index, lo), i32x4.lt_s(index, hi));
      const d = v128.and(f32x4.sub(v128.load(excess + at), mean), survives);
      squares = f32x4.add(squares, f32x4.mul(d, d));
      index = i32x4.add(index, one);
      at += 16;
    } while (at != bytes);
  }
  return f32x4.sqrt(f32x4.div(squares, f32x4.sub(survivors, f32x4.splat(1))));
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

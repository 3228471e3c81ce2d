// Huber-consistent sigmas of two groups of four sorted lists: standard deviations of samples pulled in to within 1.5 sigma of the median, again and again until
// they stay. Samples in the middle are not pulled in: their sums are kept, so that a step looks at the outer ones alone.
import { WINSOR_CONSISTENCY, WINSOR_CUTOFF, WINSOR_MAX_STEPS, WINSOR_TOLERANCE } from './layout';
import { excessAt, squaresAt, sumsAt } from './stack-scratch';

/** Sigmas of the lanes of both groups. */
export let winsorA: v128 = f32x4.splat(0);
export let winsorB: v128 = f32x4.splat(0);

let lowestA: v128 = i32x4.splat(0);
let lowestB: v128 = i32x4.splat(0);
let highestA: v128 = i32x4.splat(0);
let highestB: v128 = i32x4.splat(0);
let runningA: v128 = i32x4.splat(0);
let runningB: v128 = i32x4.splat(0);
/** Factors of `consistent`. As locals, the engine would divide again in every step. */
let shareA: v128 = f32x4.splat(0);
let shareB: v128 = f32x4.splat(0);
let scaleA: v128 = f32x4.splat(0);
let scaleB: v128 = f32x4.splat(0);

/** Survivors [lo, hi) of every lane, their plain sigmas, and the lanes that are active, for `winsorised`. */
export function takeSurvivors(
  loA: v128,
  hiA: v128,
  sigmaA: v128,
  activeA: v128,
  loB: v128,
  hiB: v128,
  sigmaB: v128,
  activeB: v128,
): void {
  const zero = f32x4.splat(0);
  winsorA = sigmaA;
  winsorB = sigmaB;
  runningA = v128.and(activeA, f32x4.gt(sigmaA, zero));
  runningB = v128.and(activeB, f32x4.gt(sigmaB, zero));
  lowestA = loA;
  lowestB = loB;
  highestA = hiA;
  highestB = hiB;
  const one = f32x4.splat(1);
  const sizeA = f32x4.convert_i32x4_s(i32x4.sub(hiA, loA));
  const sizeB = f32x4.convert_i32x4_s(i32x4.sub(hiB, loB));
  shareA = f32x4.div(one, sizeA);
  shareB = f32x4.div(one, sizeB);
  const scale = f32x4.splat(WINSOR_CONSISTENCY * WINSOR_CONSISTENCY);
  scaleA = f32x4.div(scale, f32x4.sub(sizeA, one));
  scaleB = f32x4.div(scale, f32x4.sub(sizeB, one));
}

/** Turns the plain sigmas of both groups into Huber-consistent ones, in the lanes that are active. */
export function winsorised(setA: usize, setB: usize, slots: u32, n: u32): void {
  const zero = f32x4.splat(0);
  const cutoff = f32x4.splat(WINSOR_CUTOFF);
  const tolerance = f32x4.splat(WINSOR_TOLERANCE);
  const excessA = excessAt(setA, slots);
  const excessB = excessAt(setB, slots);
  const middle = <usize>(n >> 1) << 4;
  const bytes = <usize>n << 4;
  addMiddle(setA, setB, slots, n);
  let low = middleLow;
  let high = middleHigh;
  let isSummed = false;
  let middleA = zero;
  let middleB = zero;
  let middleSquaresA = zero;
  let middleSquaresB = zero;
  for (let step: u32 = 0; step < WINSOR_MAX_STEPS && v128.any_true(v128.or(runningA, runningB)); step++) {
    const a = winsorA;
    const b = winsorB;
    const reachA = f32x4.mul(cutoff, a);
    const reachB = f32x4.mul(cutoff, b);
    if (isSkew && isOutside(excessA, excessB, middle, reachA, reachB)) {
      low = middle;
      high = middle;
      isSummed = false;
    }
    while (low < middle && reaches(excessA + low, excessB + low, reachA, reachB)) {
      low += 16;
      isSummed = false;
    }
    while (high > middle && reaches(excessA + high - 16, excessB + high - 16, reachA, reachB)) {
      high -= 16;
      isSummed = false;
    }
    if (!isSummed) {
      isSummed = true;
      const isLow = i32x4.splat(low < middle ? -1 : 0);
      const isHigh = i32x4.splat(high > middle ? -1 : 0);
      middleA = both(sumsAt(setA, slots), low, high, isLow, isHigh);
      middleB = both(sumsAt(setB, slots), low, high, isLow, isHigh);
      middleSquaresA = both(squaresAt(setA, slots), low, high, isLow, isHigh);
      middleSquaresB = both(squaresAt(setB, slots), low, high, isLow, isHigh);
    }
    const minusA = f32x4.neg(reachA);
    const minusB = f32x4.neg(reachB);
    let sumA = middleA;
    let sumB = middleB;
    let squaresA = middleSquaresA;
    let squaresB = middleSquaresB;
    for (let at: usize = 0; at < bytes; at += 16) {
      if (at == low) at = high;
      if (at >= bytes) break;
      const w = f32x4.pmin(f32x4.pmax(v128.load(excessA + at), minusA), reachA);
      const y = f32x4.pmin(f32x4.pmax(v128.load(excessB + at), minusB), reachB);
      sumA = f32x4.add(sumA, w);
      sumB = f32x4.add(sumB, y);
      squaresA = f32x4.add(squaresA, f32x4.mul(w, w));
      squaresB = f32x4.add(squaresB, f32x4.mul(y, y));
    }
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

/** Byte offsets [middleLow, middleHigh) of the ranks around the middle one that are survivors within reach in all running lanes. */
let middleLow: usize = 0;
let middleHigh: usize = 0;
/** A running lane's median is not between the two ranks in the middle: these may be the first that reaches take in. */
let isSkew: bool = false;

/**
 * Finds these ranks and writes, of them, sums and sums of squares from the middle rank outwards: no sample is added to a smaller sum of larger ones. As
 * survivors ascend, ranks between two within reach are within reach as well.
 */
function addMiddle(setA: usize, setB: usize, slots: u32, n: u32): void {
  const excessA = excessAt(setA, slots);
  const excessB = excessAt(setB, slots);
  const reachA = f32x4.mul(f32x4.splat(WINSOR_CUTOFF), winsorA);
  const reachB = f32x4.mul(f32x4.splat(WINSOR_CUTOFF), winsorB);
  const middle = <usize>(n >> 1) << 4;
  middleLow = middle;
  middleHigh = middle;
  // survivors of all running lanes
  const most = i32x4.splat(n);
  const first = i32x4.max_s(v128.and(lowestA, runningA), v128.and(lowestB, runningB));
  const end = i32x4.min_s(v128.bitselect(highestA, most, runningA), v128.bitselect(highestB, most, runningB));
  const least = max(
    max(i32x4.extract_lane(first, 0), i32x4.extract_lane(first, 1)),
    max(i32x4.extract_lane(first, 2), i32x4.extract_lane(first, 3)),
  );
  const last = min(
    min(i32x4.extract_lane(end, 0), i32x4.extract_lane(end, 1)),
    min(i32x4.extract_lane(end, 2), i32x4.extract_lane(end, 3)),
  );
  if (least > <i32>(n >> 1) || last < <i32>(n >> 1)) return;
  const zero = f32x4.splat(0);
  isSkew = v128.any_true(
    v128.or(
      v128.and(
        v128.or(f32x4.gt(v128.load(excessA + middle - 16), zero), f32x4.lt(v128.load(excessA + middle), zero)),
        runningA,
      ),
      v128.and(
        v128.or(f32x4.gt(v128.load(excessB + middle - 16), zero), f32x4.lt(v128.load(excessB + middle), zero)),
        runningB,
      ),
    ),
  );
  let sumA = zero;
  let sumB = zero;
  let squaresA = zero;
  let squaresB = zero;
  const bottom = <usize>least << 4;
  while (middleLow > bottom && !reaches(excessA + middleLow - 16, excessB + middleLow - 16, reachA, reachB)) {
    middleLow -= 16;
    const x = v128.load(excessA + middleLow);
    const y = v128.load(excessB + middleLow);
    sumA = f32x4.add(sumA, x);
    sumB = f32x4.add(sumB, y);
    squaresA = f32x4.add(squaresA, f32x4.mul(x, x));
    squaresB = f32x4.add(squaresB, f32x4.mul(y, y));
    v128.store(sumsAt(setA, slots) + middleLow, sumA);
    v128.store(sumsAt(setB, slots) + middleLow, sumB);
    v128.store(squaresAt(setA, slots) + middleLow, squaresA);
    v128.store(squaresAt(setB, slots) + middleLow, squaresB);
  }
  sumA = zero;
  sumB = zero;
  squaresA = zero;
  squaresB = zero;
  const top = <usize>last << 4;
  while (middleHigh < top && !reaches(excessA + middleHigh, excessB + middleHigh, reachA, reachB)) {
    const x = v128.load(excessA + middleHigh);
    const y = v128.load(excessB + middleHigh);
    sumA = f32x4.add(sumA, x);
    sumB = f32x4.add(sumB, y);
    squaresA = f32x4.add(squaresA, f32x4.mul(x, x));
    squaresB = f32x4.add(squaresB, f32x4.mul(y, y));
    v128.store(sumsAt(setA, slots) + middleHigh, sumA);
    v128.store(sumsAt(setB, slots) + middleHigh, sumB);
    v128.store(squaresAt(setA, slots) + middleHigh, squaresA);
    v128.store(squaresAt(setB, slots) + middleHigh, squaresB);
    middleHigh += 16;
  }
}

/** True where a sample of a running lane is to be pulled in. */
// @ts-ignore: decorator
@inline
function reaches(a: usize, b: usize, reachA: v128, reachB: v128): bool {
  const isA = v128.and(f32x4.gt(f32x4.abs(v128.load(a)), reachA), runningA);
  const isB = v128.and(f32x4.gt(f32x4.abs(v128.load(b)), reachB), runningB);
  return v128.any_true(v128.or(isA, isB));
}

/** The same of either of the two ranks in the middle. */
function isOutside(a: usize, b: usize, middle: usize, reachA: v128, reachB: v128): bool {
  const low = middle - 16;
  return reaches(a + low, b + low, reachA, reachB) || reaches(a + middle, b + middle, reachA, reachB);
}

/** Sum over the ranks [low, high) from the two lists that begin in the middle. */
// @ts-ignore: decorator
@inline
function both(sums: usize, low: usize, high: usize, isLow: v128, isHigh: v128): v128 {
  return f32x4.add(v128.and(v128.load(sums + low), isLow), v128.and(v128.load(sums + high - 16), isHigh));
}

/** Huber's factor times the standard deviation, from sum and squares; `share` = 1/n, `scale` = factor^2 / (n - 1). */
// @ts-ignore: decorator
@inline
function consistent(sum: v128, squares: v128, share: v128, scale: v128): v128 {
  const spread = f32x4.sub(squares, f32x4.mul(f32x4.mul(sum, sum), share));
  return f32x4.sqrt(f32x4.mul(f32x4.pmax(spread, f32x4.splat(0)), scale));
}

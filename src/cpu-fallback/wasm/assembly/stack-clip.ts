// Iterative clipping about the median of four pixels at once, with the plain or the winsorised standard deviation; see the contracts
// stack-kappa-sigma and stack-winsorised. Lanes that have settled are frozen until the last one has.
import { WINSOR_CONSISTENCY, WINSOR_CUTOFF, WINSOR_MAX_STEPS, WINSOR_TOLERANCE } from './layout';
import { laneMedian } from './stack-lanes';

/** Survivors of every lane: sorted[lo..hi). */
export let survivorsLow: v128 = i32x4.splat(0);
export let survivorsHigh: v128 = i32x4.splat(0);

/**
 * Narrows sorted[0..count) of every lane to its survivors. `excess` is a list of n + 3 vectors that are overwritten.
 */
export function clipLanes(
  sorted: usize,
  excess: usize,
  n: u32,
  count: v128,
  kappaLow: f32,
  kappaHigh: f32,
  maxIterations: u32,
  winsorise: bool,
): void {
  let lo = i32x4.splat(0);
  let hi = count;
  const three = i32x4.splat(3);
  let active = i32x4.ge_s(count, three);
  for (let i: u32 = 0; i < maxIterations && v128.any_true(active); i++) {
    const m = laneMedian(sorted, lo, hi);
    let s = deviations(sorted, excess, n, lo, hi, m);
    const survivors = f32x4.convert_i32x4_s(i32x4.sub(hi, lo));
    if (winsorise) s = winsorised(excess, n, survivors, s, active);
    active = v128.and(active, f32x4.gt(s, f32x4.splat(0)));
    const high = f32x4.mul(f32x4.splat(kappaHigh), s);
    const low = f32x4.neg(f32x4.mul(f32x4.splat(kappaLow), s));
    let below = i32x4.splat(0);
    let above = i32x4.splat(0);
    let at = excess;
    for (let k: u32 = 0; k < n; k++) {
      const d = v128.load(at);
      below = i32x4.sub(below, f32x4.lt(d, low));
      above = i32x4.sub(above, f32x4.gt(d, high));
      at += 16;
    }
    below = v128.and(below, active);
    above = v128.and(above, active);
    const first = i32x4.add(lo, below);
    const end = i32x4.sub(hi, above);
    const changed = v128.and(active, i32x4.ne(i32x4.add(below, above), i32x4.splat(0)));
    const emptied = v128.and(changed, i32x4.ge_s(first, end));
    if (v128.any_true(emptied)) {
      keepMiddles(sorted, lo, hi, first, end, emptied);
    } else {
      survivorsLow = first;
      survivorsHigh = end;
    }
    const isSame = v128.and(i32x4.eq(survivorsLow, lo), i32x4.eq(survivorsHigh, hi));
    lo = survivorsLow;
    hi = survivorsHigh;
    active = v128.and(v128.andnot(active, isSame), i32x4.ge_s(i32x4.sub(hi, lo), three));
  }
  survivorsLow = lo;
  survivorsHigh = hi;
}

/** Writes survivors minus m (others 0, and zeros up to a multiple of 4) and returns the standard deviation (n - 1) about their mean. */
function deviations(sorted: usize, excess: usize, n: u32, lo: v128, hi: v128, m: v128): v128 {
  const one = i32x4.splat(1);
  let index = i32x4.splat(0);
  let sum = f32x4.splat(0);
  for (let k: usize = 0; k < <usize>n; k++) {
    const survives = v128.and(i32x4.ge_s(index, lo), i32x4.lt_s(index, hi));
    const d = v128.and(f32x4.sub(v128.load(sorted + (k << 4)), m), survives);
    v128.store(excess + (k << 4), d);
    sum = f32x4.add(sum, d);
    index = i32x4.add(index, one);
  }
  const zero = f32x4.splat(0);
  const tail = excess + ((<usize>n) << 4);
  v128.store(tail, zero);
  v128.store(tail, zero, 16);
  v128.store(tail, zero, 32);
  const survivors = f32x4.convert_i32x4_s(i32x4.sub(hi, lo));
  const mean = f32x4.div(sum, survivors);
  index = i32x4.splat(0);
  let squares = f32x4.splat(0);
  for (let k: usize = 0; k < <usize>n; k++) {
    const survives = v128.and(i32x4.ge_s(index, lo), i32x4.lt_s(index, hi));
    const d = v128.and(f32x4.sub(v128.load(excess + (k << 4)), mean), survives);
    squares = f32x4.add(squares, f32x4.mul(d, d));
    index = i32x4.add(index, one);
  }
  return f32x4.sqrt(f32x4.div(squares, f32x4.sub(survivors, f32x4.splat(1))));
}

/** Huber-consistent sigma from the plain one, for the lanes that are `active`. */
function winsorised(excess: usize, n: u32, survivors: v128, start: v128, active: v128): v128 {
  let s = start;
  const zero = f32x4.splat(0);
  const end = excess + ((<usize>n) << 4);
  const degrees = f32x4.sub(survivors, f32x4.splat(1));
  let running = v128.and(active, f32x4.gt(s, zero));
  for (let step: u32 = 0; step < WINSOR_MAX_STEPS && v128.any_true(running); step++) {
    const reach = f32x4.mul(f32x4.splat(WINSOR_CUTOFF), s);
    const minus = f32x4.neg(reach);
    // Four sums, so that no addition waits for the one before it. Which one takes a survivor depends on its rank alone.
    let a = zero;
    let b = zero;
    let c = zero;
    let d = zero;
    let aa = zero;
    let bb = zero;
    let cc = zero;
    let dd = zero;
    for (let at = excess; at < end; at += 64) {
      const w = f32x4.pmin(f32x4.pmax(v128.load(at), minus), reach);
      const x = f32x4.pmin(f32x4.pmax(v128.load(at, 16), minus), reach);
      const y = f32x4.pmin(f32x4.pmax(v128.load(at, 32), minus), reach);
      const z = f32x4.pmin(f32x4.pmax(v128.load(at, 48), minus), reach);
      a = f32x4.add(a, w);
      b = f32x4.add(b, x);
      c = f32x4.add(c, y);
      d = f32x4.add(d, z);
      aa = f32x4.add(aa, f32x4.mul(w, w));
      bb = f32x4.add(bb, f32x4.mul(x, x));
      cc = f32x4.add(cc, f32x4.mul(y, y));
      dd = f32x4.add(dd, f32x4.mul(z, z));
    }
    const sum = f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
    const squares = f32x4.add(f32x4.add(aa, bb), f32x4.add(cc, dd));
    const variance = f32x4.div(f32x4.sub(squares, f32x4.div(f32x4.mul(sum, sum), survivors)), degrees);
    const next = f32x4.mul(f32x4.splat(WINSOR_CONSISTENCY), f32x4.sqrt(f32x4.pmax(variance, zero)));
    const change = f32x4.abs(f32x4.sub(next, s));
    const settled = f32x4.le(change, f32x4.mul(f32x4.splat(WINSOR_TOLERANCE), s));
    s = v128.bitselect(next, s, running);
    running = v128.and(v128.andnot(running, settled), f32x4.gt(s, zero));
  }
  return s;
}

/** For the emptied lanes, what equals the lower of the middle samples stays; the other lanes take [first, end). */
function keepMiddles(sorted: usize, lo: v128, hi: v128, first: v128, end: v128, emptied: v128): void {
  survivorsLow = first;
  survivorsHigh = end;
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
    survivorsLow = v128.bitselect(i32x4.splat(a), survivorsLow, only);
    survivorsHigh = v128.bitselect(i32x4.splat(b), survivorsHigh, only);
    lanes &= lanes - 1;
  }
}

function laneOf(v: v128, lane: i32): i32 {
  if (lane == 0) return i32x4.extract_lane(v, 0);
  if (lane == 1) return i32x4.extract_lane(v, 1);
  return lane == 2 ? i32x4.extract_lane(v, 2) : i32x4.extract_lane(v, 3);
}

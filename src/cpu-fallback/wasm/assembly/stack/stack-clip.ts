// Iterative clipping about the median of groups of four pixels, with the plain or the winsorised standard deviation; see the contracts stack-kappa-sigma and
// stack-winsorised. Lanes that have settled are frozen until the last one has.
import { laneMedian, laneOf } from './stack-order';
import { keepsRest } from './stack-proof';
import { ACTIVE, COUNT, excessAt, HIGH, LOW, setAt, SIGMA, sortedAt, WAITING } from './stack-scratch';
import { startWinsor, winsorised } from './stack-winsor';

/** Narrows sorted[0..COUNT) of every lane of an even number of sets of waiting pixels, lists of up to n > 0 vectors, to its survivors [LOW, HIGH). */
export function clipWaiting(
  scratch: usize,
  slots: u32,
  n: u32,
  groups: u32,
  kappaLow: f32,
  kappaHigh: f32,
  maxIterations: u32,
  winsorise: bool,
): void {
  for (let group: u32 = 0; group < groups; group++) {
    const record = scratch + group * 16;
    const count = v128.load(record, COUNT);
    v128.store(record, i32x4.splat(0), LOW);
    v128.store(record, count, HIGH);
    v128.store(record, i32x4.ge_s(count, i32x4.splat(3)), ACTIVE);
  }
  const perLow = <f32>1 / kappaLow;
  const perHigh = <f32>1 / kappaHigh;
  for (let i: u32 = 0; i < maxIterations; i++) {
    let any = false;
    for (let group: u32 = 0; group < groups; group++) {
      const record = scratch + group * 16;
      const active = v128.load(record, ACTIVE);
      if (!v128.any_true(active)) continue;
      any = true;
      const set = setAt(scratch, slots, WAITING + group);
      const lo = v128.load(record, LOW);
      const hi = v128.load(record, HIGH);
      const sigma = deviations(sortedAt(set, slots), excessAt(set, slots), n, lo, hi);
      v128.store(record, sigma, SIGMA);
      if (!winsorise) continue;
      // The first time, nothing was proven of the pixels that come here; later, most lose nothing more.
      if (i > 0) {
        const kept = keepsRest(excessAt(set, slots), n, sigma, lo, hi, perLow, perHigh);
        v128.store(record, v128.andnot(active, kept), ACTIVE);
      }
      startWinsor(record);
    }
    if (!any) return;
    if (winsorise) winsorised(scratch, slots, n, groups);
    for (let group: u32 = 0; group < groups; group++) {
      const record = scratch + group * 16;
      if (!v128.any_true(v128.load(record, ACTIVE))) continue;
      const set = setAt(scratch, slots, WAITING + group);
      clip(record, sortedAt(set, slots), excessAt(set, slots), n, kappaLow, kappaHigh);
    }
  }
}

/** One rejection beyond kappa times sigma, in the lanes that are active; those that lose nothing, or have too few left, are so no more. */
function clip(record: usize, sorted: usize, excess: usize, n: u32, kappaLow: f32, kappaHigh: f32): void {
  const sigma = v128.load(record, SIGMA);
  const lo = v128.load(record, LOW);
  const hi = v128.load(record, HIGH);
  const moving = v128.and(v128.load(record, ACTIVE), f32x4.gt(sigma, f32x4.splat(0)));
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
  v128.store(record, i32x4.add(lo, below), LOW);
  v128.store(record, i32x4.sub(hi, above), HIGH);
  const lost = v128.and(moving, i32x4.ne(i32x4.add(below, above), i32x4.splat(0)));
  const emptied = v128.and(lost, i32x4.ge_s(v128.load(record, LOW), v128.load(record, HIGH)));
  if (v128.any_true(emptied)) keepMiddles(record, sorted, lo, hi, emptied);
  const newLow = v128.load(record, LOW);
  const newHigh = v128.load(record, HIGH);
  const same = v128.and(i32x4.eq(newLow, lo), i32x4.eq(newHigh, hi));
  const enough = i32x4.ge_s(i32x4.sub(newHigh, newLow), i32x4.splat(3));
  v128.store(record, v128.and(v128.andnot(lost, same), enough), ACTIVE);
}

/** Writes survivors minus their median (others 0) and returns the standard deviation (n - 1) about their mean. */
function deviations(sorted: usize, excess: usize, n: u32, lo: v128, hi: v128): v128 {
  const m = laneMedian(sorted, lo, hi);
  const bytes = <usize>n << 4;
  // Between these ranks every lane survives, which nearly all are: nothing needs to be asked there.
  const from = <usize>greatest(lo) << 4;
  const to = max(from, bytes - (<usize>greatest(i32x4.sub(i32x4.splat(n), hi)) << 4));
  let sum = f32x4.splat(0);
  for (let at: usize = 0; at < from; at += 16) sum = f32x4.add(sum, excessOf(sorted, excess, at, m, lo, hi));
  if (from < to) {
    let at = from;
    do {
      const d = f32x4.sub(v128.load(sorted + at), m);
      v128.store(excess + at, d);
      sum = f32x4.add(sum, d);
      at += 16;
    } while (at != to);
  }
  for (let at = to; at < bytes; at += 16) sum = f32x4.add(sum, excessOf(sorted, excess, at, m, lo, hi));
  const survivors = f32x4.convert_i32x4_s(i32x4.sub(hi, lo));
  const mean = f32x4.div(sum, survivors);
  let squares = f32x4.splat(0);
  for (let at: usize = 0; at < from; at += 16) squares = f32x4.add(squares, squareOf(excess, at, mean, lo, hi));
  if (from < to) {
    let at = from;
    do {
      const d = f32x4.sub(v128.load(excess + at), mean);
      squares = f32x4.add(squares, f32x4.mul(d, d));
      at += 16;
    } while (at != to);
  }
  for (let at = to; at < bytes; at += 16) squares = f32x4.add(squares, squareOf(excess, at, mean, lo, hi));
  return f32x4.sqrt(f32x4.div(squares, f32x4.sub(survivors, f32x4.splat(1))));
}

// @ts-ignore: decorator
@inline
function excessOf(sorted: usize, excess: usize, at: usize, m: v128, lo: v128, hi: v128): v128 {
  const d = v128.and(f32x4.sub(v128.load(sorted + at), m), survives(at, lo, hi));
  v128.store(excess + at, d);
  return d;
}

// @ts-ignore: decorator
@inline
function squareOf(excess: usize, at: usize, mean: v128, lo: v128, hi: v128): v128 {
  const d = v128.and(f32x4.sub(v128.load(excess + at), mean), survives(at, lo, hi));
  return f32x4.mul(d, d);
}

/** Lanes whose sample at byte `at` of a list survives. */
// @ts-ignore: decorator
@inline
function survives(at: usize, lo: v128, hi: v128): v128 {
  const rank = i32x4.splat(<i32>(at >> 4));
  return v128.and(i32x4.ge_s(rank, lo), i32x4.lt_s(rank, hi));
}

function greatest(v: v128): i32 {
  const pair = i32x4.max_s(v, v128.shuffle<i32>(v, v, 2, 3, 0, 1));
  return max(i32x4.extract_lane(pair, 0), i32x4.extract_lane(pair, 1));
}

/** For the emptied lanes, what equals the lower of the middle samples stays. */
function keepMiddles(record: usize, sorted: usize, lo: v128, hi: v128, emptied: v128): void {
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
    store<i32>(record + <usize>lane * 4, a, LOW);
    store<i32>(record + <usize>lane * 4, b, HIGH);
    lanes &= lanes - 1;
  }
}

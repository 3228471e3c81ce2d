// Weighted means of four neighbouring pixels of a stack, one per lane, and how results are written. Sums are f64: stacks may be thousands deep. What a
// lane gives does not depend on the other three.
import { BLANK_VALUE } from '../layout';
import { laneOf } from './stack-order';

/** Combined value and weight of every lane. */
export let lanesMean: v128 = f32x4.splat(0);
export let lanesWeight: v128 = f32x4.splat(0);

/** Samples rejected below and above since `startCounts`, of pixels without maps of them. */
export let countedLow: u64 = 0;
export let countedHigh: u64 = 0;

export function startCounts(): void {
  countedLow = 0;
  countedHigh = 0;
}

/** Of n vectors `stride` apart, all samples valid and none rejected; one weight a vector, `weight` in all. */
export function combineAll(
  values: usize,
  stride: usize,
  weights: usize,
  weight: f64,
  n: u32,
  reference: v128,
): void {
  let sum0 = f64x2.splat(0);
  let sum1 = f64x2.splat(0);
  for (let k: u32 = 0; k < n; k++) {
    const term = f32x4.mul(v128.load32_splat(weights), f32x4.sub(v128.load(values), reference));
    sum0 = f64x2.add(sum0, f64x2.promote_low_f32x4(term));
    sum1 = f64x2.add(sum1, f64x2.promote_low_f32x4(v128.shuffle<f32>(term, term, 2, 3, 2, 3)));
    values += stride;
    weights += 4;
  }
  setMean(reference, sum0, sum1, weight);
}

/** Takes the sums of weighted distances from `reference` of all lanes, which have `weight` each. */
export function setMean(reference: v128, sum0: v128, sum1: v128, weight: f64): void {
  const all = f64x2.splat(weight);
  setLanes(reference, f64x2.div(sum0, all), f64x2.div(sum1, all), all, all);
}

/** Of n vectors, what lies in [least, most]; `weights` holds vectors `weightStride` apart, or single numbers 4 bytes apart. */
export function combineWithin(
  values: usize,
  weights: usize,
  single: bool,
  n: u32,
  least: v128,
  most: v128,
  reference: v128,
): void {
  let sum0 = f64x2.splat(0);
  let sum1 = f64x2.splat(0);
  let weight0 = f64x2.splat(0);
  let weight1 = f64x2.splat(0);
  for (let k: u32 = 0; k < n; k++) {
    const v = v128.load(values);
    const own = single ? v128.load32_splat(weights) : v128.load(weights);
    const w = v128.and(own, v128.and(f32x4.ge(v, least), f32x4.le(v, most)));
    const term = f32x4.mul(w, f32x4.sub(v, reference));
    sum0 = f64x2.add(sum0, f64x2.promote_low_f32x4(term));
    sum1 = f64x2.add(sum1, f64x2.promote_low_f32x4(v128.shuffle<f32>(term, term, 2, 3, 2, 3)));
    weight0 = f64x2.add(weight0, f64x2.promote_low_f32x4(w));
    weight1 = f64x2.add(weight1, f64x2.promote_low_f32x4(v128.shuffle<f32>(w, w, 2, 3, 2, 3)));
    values += 16;
    weights += single ? 4 : 16;
  }
  setLanes(reference, f64x2.div(sum0, weight0), f64x2.div(sum1, weight1), weight0, weight1);
}

// @ts-ignore: decorator
@inline
function setLanes(reference: v128, mean0: v128, mean1: v128, weight0: v128, weight1: v128): void {
  lanesMean = f32x4.add(reference, demote(mean0, mean1));
  lanesWeight = demote(weight0, weight1);
}

// @ts-ignore: decorator
@inline
function demote(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(f32x4.demote_f64x2_zero(a), f32x4.demote_f64x2_zero(b), 0, 1, 4, 5);
}

/** Writes the first `lanes` lanes of a result; blank and zero where the lane has no survivor. Where the maps of rejected samples have no address they are counted. */
export function storeResult(
  buffers: usize,
  at: usize,
  lanes: u32,
  mean: v128,
  weight: v128,
  used: v128,
  low: v128,
  high: v128,
): void {
  if (lanes < 4) {
    for (let lane: u32 = 0; lane < lanes; lane++) {
      storeLane(buffers, at + <usize>lane * 4, lane, mean, weight, used, low, high);
    }
    return;
  }
  const has = i32x4.gt_s(used, i32x4.splat(0));
  v128.store(load<u32>(buffers, 8) + at, v128.bitselect(mean, f32x4.splat(BLANK_VALUE), has));
  v128.store(load<u32>(buffers, 12) + at, v128.and(weight, has));
  v128.store(load<u32>(buffers, 16) + at, used);
  const lowMap = load<u32>(buffers, 20);
  if (lowMap == 0) {
    countedLow += sumOf(low);
    countedHigh += sumOf(high);
    return;
  }
  v128.store(lowMap + at, low);
  v128.store(load<u32>(buffers, 24) + at, high);
}

function sumOf(counts: v128): u64 {
  if (!v128.any_true(counts)) return 0;
  const pairs = i64x2.add(i64x2.extend_low_i32x4_u(counts), i64x2.extend_high_i32x4_u(counts));
  return i64x2.extract_lane(pairs, 0) + i64x2.extract_lane(pairs, 1);
}

/** Writes one lane of a result. */
export function storeLane(
  buffers: usize,
  at: usize,
  lane: u32,
  mean: v128,
  weight: v128,
  used: v128,
  low: v128,
  high: v128,
): void {
  const survivors = laneOf(used, lane);
  const has = survivors > 0;
  store<f32>(load<u32>(buffers, 8) + at, has ? floatOf(mean, lane) : BLANK_VALUE);
  store<f32>(load<u32>(buffers, 12) + at, has ? floatOf(weight, lane) : 0);
  store<i32>(load<u32>(buffers, 16) + at, survivors);
  const lowMap = load<u32>(buffers, 20);
  if (lowMap == 0) {
    countedLow += <u32>laneOf(low, lane);
    countedHigh += <u32>laneOf(high, lane);
    return;
  }
  store<i32>(lowMap + at, laneOf(low, lane));
  store<i32>(load<u32>(buffers, 24) + at, laneOf(high, lane));
}

// @ts-ignore: decorator
@inline
function floatOf(v: v128, lane: u32): f32 {
  return reinterpret<f32>(laneOf(v, lane));
}

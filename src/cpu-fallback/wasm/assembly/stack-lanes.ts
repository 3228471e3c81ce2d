// Four neighbouring pixels of a stack, one per lane: gathered, sorted, looked up and combined without branches between them. What a lane gives does not
// depend on the other three: slots that only they have add zeros to its sums.
import { BLANK_LIMIT, BLANK_VALUE, StackMeanJob as Shape } from './layout';

/** Pixels gathered at once: whole cache lines of every slot, so that planes a power of two apart do not evict each other. */
export const TILE: u32 = 64;
const TILE_ROW: usize = TILE * 4;

/**
 * Scratch of one worker: the tile, then two sets of lists for two groups of lanes in flight. A list has one vector per slot and 4 more, the
 * last list one weight per slot.
 */
// @ts-ignore: decorator
@inline
export function setAt(scratch: usize, slots: u32, index: u32): usize {
  return scratch + TILE_ROW * slots + index * (3 * listBytes(slots) + ((<usize>slots * 4 + 15) & ~15));
}
// @ts-ignore: decorator
@inline
function listBytes(slots: u32): usize {
  return 16 * (<usize>slots + 4);
}
/** Values in slot order. */
// @ts-ignore: decorator
@inline
export function valuesAt(set: usize, _slots: u32): usize {
  return set;
}
/** The same, ascending, blanks at the end as infinity. */
// @ts-ignore: decorator
@inline
export function sortedAt(set: usize, slots: u32): usize {
  return set + listBytes(slots);
}
/** Ascending survivors minus their median, 0 for all others. */
// @ts-ignore: decorator
@inline
export function excessAt(set: usize, slots: u32): usize {
  return set + 2 * listBytes(slots);
}
// @ts-ignore: decorator
@inline
export function weightsAt(set: usize, slots: u32): usize {
  return set + 3 * listBytes(slots);
}

/** Copies a tile of up to 64 pixels of every slot of plane `c`. */
export function loadTile(job: usize, cube: usize, c: u32, start: u32, size: u32, scratch: usize): void {
  const slots = Shape.slots(job);
  const stride = <usize>Shape.planes(job) * Shape.pixels(job) * 4;
  let source = cube + (<usize>c * Shape.pixels(job) + start) * 4;
  let target = scratch;
  const bytes = <usize>((size + 3) & ~3) * 4;
  for (let s: u32 = 0; s < slots; s++) {
    for (let at: usize = 0; at < bytes; at += 16) v128.store(target + at, v128.load(source + at));
    source += stride;
    target += TILE_ROW;
  }
}

/** Number of valid samples of every lane. */
export let lanesCount: v128 = i32x4.splat(0);

/**
 * Gathers the slots where at least one lane is valid: values in slot order, the same with blanks as infinity for sorting, weights. Returns
 * their number and sets `lanesCount`.
 */
export function gather(job: usize, frameWeights: usize, c: u32, group: u32, scratch: usize, set: usize): u32 {
  const slots = Shape.slots(job);
  const planes = <usize>Shape.planes(job) * 4;
  const limit = f32x4.splat(BLANK_LIMIT);
  const infinity = f32x4.splat(Infinity);
  let source = scratch + <usize>group * 16;
  let weight = frameWeights + <usize>c * 4;
  let values = valuesAt(set, slots);
  let sorted = sortedAt(set, slots);
  let weights = weightsAt(set, slots);
  let count = i32x4.splat(0);
  let n: u32 = 0;
  for (let s: u32 = 0; s < slots; s++) {
    const v = v128.load(source);
    const valid = f32x4.gt(v, limit);
    if (v128.any_true(valid)) {
      v128.store(values, v);
      v128.store(sorted, v128.bitselect(v, infinity, valid));
      store<f32>(weights, load<f32>(weight));
      count = i32x4.sub(count, valid);
      values += 16;
      sorted += 16;
      weights += 4;
      n++;
    }
    source += TILE_ROW;
    weight += planes;
  }
  lanesCount = count;
  return n;
}

/** Entry `index` of every lane of a list. */
// @ts-ignore: decorator
@inline
export function laneAt(list: usize, index: v128): v128 {
  const first = i32x4.extract_lane(index, 0);
  if (i32x4.all_true(i32x4.eq(index, i32x4.splat(first)))) return v128.load(list + (<usize>first << 4));
  const a = v128.load32_zero(list + (<usize>first << 4));
  const b = v128.load32_lane(list + (<usize>i32x4.extract_lane(index, 1) << 4), a, 1, 4);
  const c = v128.load32_lane(list + (<usize>i32x4.extract_lane(index, 2) << 4), b, 2, 8);
  return v128.load32_lane(list + (<usize>i32x4.extract_lane(index, 3) << 4), c, 3, 12);
}

/** Median of sorted[lo..hi) of every lane, the mean of the middle two of an even count; anything where the range is empty. */
export function laneMedian(sorted: usize, lo: v128, hi: v128): v128 {
  const middle = i32x4.shr_s(i32x4.add(lo, hi), 1);
  const even = i32x4.sub(i32x4.splat(1), v128.and(i32x4.sub(hi, lo), i32x4.splat(1)));
  const before = i32x4.max_s(i32x4.sub(middle, even), i32x4.splat(0));
  const a = laneAt(sorted, before);
  const b = laneAt(sorted, middle);
  return f32x4.mul(f32x4.add(a, b), f32x4.splat(0.5));
}

/** Combined value and weight of the survivors; see `combineLanes`. */
export let lanesMean: v128 = f32x4.splat(0);
export let lanesWeight: v128 = f32x4.splat(0);

/**
 * Weighted mean about `reference` of the values in [least, most] in slot order, and the sum of their weights. Sums are f64: stacks may be
 * thousands deep.
 */
export function combineLanes(slots: u32, n: u32, least: v128, most: v128, reference: v128, set: usize): void {
  let values = valuesAt(set, slots);
  let weights = weightsAt(set, slots);
  let sum0 = f64x2.splat(0);
  let sum1 = f64x2.splat(0);
  let weight0 = f64x2.splat(0);
  let weight1 = f64x2.splat(0);
  for (let k: u32 = 0; k < n; k++) {
    const v = v128.load(values);
    const w = v128.and(v128.load32_splat(weights), v128.and(f32x4.ge(v, least), f32x4.le(v, most)));
    const term = f32x4.mul(w, f32x4.sub(v, reference));
    sum0 = f64x2.add(sum0, f64x2.promote_low_f32x4(term));
    sum1 = f64x2.add(sum1, f64x2.promote_low_f32x4(v128.shuffle<f32>(term, term, 2, 3, 2, 3)));
    weight0 = f64x2.add(weight0, f64x2.promote_low_f32x4(w));
    weight1 = f64x2.add(weight1, f64x2.promote_low_f32x4(v128.shuffle<f32>(w, w, 2, 3, 2, 3)));
    values += 16;
    weights += 4;
  }
  const mean0 = f32x4.demote_f64x2_zero(f64x2.div(sum0, weight0));
  const mean1 = f32x4.demote_f64x2_zero(f64x2.div(sum1, weight1));
  lanesMean = f32x4.add(reference, v128.shuffle<f32>(mean0, mean1, 0, 1, 4, 5));
  lanesWeight = v128.shuffle<f32>(f32x4.demote_f64x2_zero(weight0), f32x4.demote_f64x2_zero(weight1), 0, 1, 4, 5);
}

/** Writes the first `lanes` lanes of a result; blank and zero where the lane has no survivor. */
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
  const has = i32x4.gt_s(used, i32x4.splat(0));
  storeLanes(load<u32>(buffers, 8) + at, lanes, v128.bitselect(mean, f32x4.splat(BLANK_VALUE), has));
  storeLanes(load<u32>(buffers, 12) + at, lanes, v128.and(weight, has));
  storeLanes(load<u32>(buffers, 16) + at, lanes, used);
  storeLanes(load<u32>(buffers, 20) + at, lanes, low);
  storeLanes(load<u32>(buffers, 24) + at, lanes, high);
}

// @ts-ignore: decorator
@inline
function storeLanes(at: usize, lanes: u32, v: v128): void {
  if (lanes >= 4) {
    v128.store(at, v);
    return;
  }
  v128.store32_lane(at, v, 0);
  if (lanes > 1) v128.store32_lane(at, v, 1, 4);
  if (lanes > 2) v128.store32_lane(at, v, 2, 8);
}

// Order statistics of four sorted lists, one per lane.

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
  return halfway(laneAt(sorted, before), laneAt(sorted, middle));
}

/** The same of all n > 0 samples. */
// @ts-ignore: decorator
@inline
export function medianOfAll(sorted: usize, n: u32): v128 {
  const middle = sorted + (<usize>(n >> 1) << 4);
  return halfway(v128.load(n & 1 ? middle : middle - 16), v128.load(middle));
}

/**
 * The same of two ascending runs one behind the other, the first of `half` vectors and no shorter. With A_i and B_j their samples of rank i and j, the
 * one of rank k of both together is the least of max(A_i, B_j) over all i + j = k.
 */
export function medianOfRuns(runs: usize, half: u32, n: u32): v128 {
  if (n <= half) return medianOfAll(runs, n);
  const others = n - half;
  const k = (n + 1) >> 1;
  let a = runs + (<usize>(k - 1) << 4);
  let b = runs + (<usize>half << 4);
  let own = v128.load(a);
  // Of rank k and of the next one: what has no part in the second run comes first.
  let lower = own;
  let upper = k < half ? v128.load(a, 16) : f32x4.splat(Infinity);
  const last = b + (<usize>(others - 1) << 4);
  for (; b < last; b += 16) {
    const other = v128.load(b);
    upper = f32x4.pmin(upper, f32x4.pmax(own, other));
    a -= 16;
    own = v128.load(a);
    lower = f32x4.pmin(lower, f32x4.pmax(own, other));
  }
  const other = v128.load(b);
  upper = f32x4.pmin(upper, f32x4.pmax(own, other));
  lower = f32x4.pmin(lower, k > others ? f32x4.pmax(v128.load(a - 16), other) : other);
  return n & 1 ? lower : halfway(lower, upper);
}

// @ts-ignore: decorator
@inline
function halfway(a: v128, b: v128): v128 {
  return f32x4.mul(f32x4.add(a, b), f32x4.splat(0.5));
}

/** Lane 0 to 3 of a vector of integers. */
export function laneOf(v: v128, lane: u32): i32 {
  if (lane == 0) return i32x4.extract_lane(v, 0);
  if (lane == 1) return i32x4.extract_lane(v, 1);
  return lane == 2 ? i32x4.extract_lane(v, 2) : i32x4.extract_lane(v, 3);
}

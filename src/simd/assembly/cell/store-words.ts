/** The NaN of JavaScript, IEEE 754. */
const NAN: i32 = 0x7fc00000;

/**
 * Turns `count` 32-bit words at `at` to big-endian, in place, and returns their sum as words, exact as long as `count` is at most 2^21. Up to three words
 * behind them are changed with them.
 */
export function storeWords(at: usize, count: u32): f64 {
  return store32(at, count, false, 0);
}

/** As `storeWords`, of float32 samples, of which those not above `limit` become NaN first. */
export function storeSamples(at: usize, count: u32, limit: f32): f64 {
  return store32(at, count, true, limit);
}

// @ts-ignore: decorator
@inline
function store32(at: usize, count: u32, areSamples: bool, limit: f32): f64 {
  const end = at + <usize>count * 4;
  const least = f32x4.splat(limit);
  let low = i64x2.splat(0);
  let high = i64x2.splat(0);
  for (; at + 16 <= end; at += 16) {
    const v = settled(v128.load(at), areSamples, least);
    low = i64x2.add(low, i64x2.extend_low_i32x4_u(v));
    high = i64x2.add(high, i64x2.extend_high_i32x4_u(v));
    v128.store(at, swapped(v));
  }
  const pairs = i64x2.add(low, high);
  let sum = i64x2.extract_lane(pairs, 0) + i64x2.extract_lane(pairs, 1);
  if (at < end) {
    const v = settled(v128.load(at), areSamples, least);
    v128.store(at, v);
    for (let k: usize = 0; at + k < end; k += 4) sum += <i64>load<u32>(at + k);
    v128.store(at, swapped(v));
  }
  return <f64>sum;
}

// @ts-ignore: decorator
@inline
function settled(v: v128, areSamples: bool, least: v128): v128 {
  return areSamples ? v128.bitselect(v, i32x4.splat(NAN), f32x4.gt(v, least)) : v;
}

// @ts-ignore: decorator
@inline
function swapped(v: v128): v128 {
  return i8x16.shuffle(v, v, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
}

/**
 * Turns `count` 32-bit words at `at` to big-endian, in place, and returns their sum as words, exact as long as `count` is at most 2^21. Up to three words
 * behind them are changed with them.
 */
export function storeWords(at: usize, count: u32): f64 {
  const end = at + <usize>count * 4;
  let low = i64x2.splat(0);
  let high = i64x2.splat(0);
  for (; at + 16 <= end; at += 16) {
    const v = v128.load(at);
    low = i64x2.add(low, i64x2.extend_low_i32x4_u(v));
    high = i64x2.add(high, i64x2.extend_high_i32x4_u(v));
    v128.store(at, swapped(v));
  }
  const pairs = i64x2.add(low, high);
  let sum = i64x2.extract_lane(pairs, 0) + i64x2.extract_lane(pairs, 1);
  if (at < end) {
    const v = v128.load(at);
    for (let k: usize = 0; at + k < end; k += 4) sum += <i64>load<u32>(at + k);
    v128.store(at, swapped(v));
  }
  return <f64>sum;
}

// @ts-ignore: decorator
@inline
function swapped(v: v128): v128 {
  return i8x16.shuffle(v, v, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
}

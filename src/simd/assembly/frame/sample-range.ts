/**
 * Of `count` 16-bit samples, made unsigned by `flip` (0x8000 for signed ones): how many reach `limit`; the least and the greatest go to `out` (two u16).
 * `count` is at most 2^18: a lane counts in 16 bits.
 */
export function sampleRange(at: usize, count: u32, limit: i32, flip: i32, out: usize): u32 {
  const mask = i16x8.splat(<i16>flip);
  const bound = i16x8.splat(<i16>min<i32>(limit, 0xffff));
  let least = i16x8.splat(-1);
  let greatest = i16x8.splat(0);
  let reached = i16x8.splat(0);
  let k: u32 = 0;
  for (; k + 8 <= count; k += 8, at += 16) {
    const v = v128.xor(v128.load(at), mask);
    least = i16x8.min_u(least, v);
    greatest = i16x8.max_u(greatest, v);
    reached = i16x8.sub(reached, i16x8.ge_u(v, bound));
  }
  const sums = i32x4.extadd_pairwise_i16x8_u(reached);
  let total = <u32>i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1);
  total += <u32>i32x4.extract_lane(sums, 2) + i32x4.extract_lane(sums, 3);
  for (; k < count; k++, at += 2) {
    const v = <i32>load<u16>(at) ^ flip;
    least = i16x8.min_u(least, i16x8.splat(<i16>v));
    greatest = i16x8.max_u(greatest, i16x8.splat(<i16>v));
    total += u32(v >= limit);
  }
  least = i16x8.min_u(least, i8x16.shuffle(least, least, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  least = i16x8.min_u(least, i8x16.shuffle(least, least, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11));
  least = i16x8.min_u(least, i8x16.shuffle(least, least, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));
  greatest = i16x8.max_u(greatest, i8x16.shuffle(greatest, greatest, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  greatest = i16x8.max_u(greatest, i8x16.shuffle(greatest, greatest, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11));
  greatest = i16x8.max_u(greatest, i8x16.shuffle(greatest, greatest, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));
  store<u16>(out, <u16>i16x8.extract_lane_u(least, 0));
  store<u16>(out + 2, <u16>i16x8.extract_lane_u(greatest, 0));
  return limit > 0xffff ? 0 : total;
}

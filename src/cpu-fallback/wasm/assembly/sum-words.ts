// Sums of counts: what `read` with `sum` promises. Sums of whole numbers do not depend on who adds which part.

/** Words of a unit: 4 KiB. */
const UNIT: u32 = 1024;

/** `job` holds address and number of the words, and the address of their sum, two words that start at 0. */
export function sumWords(job: usize, from: u32, to: u32, _scratch: usize): void {
  const words = load<u32>(job);
  const count = load<u32>(job, 4);
  const sum = load<u32>(job, 8);
  const end = words + 4 * min<u32>(to * UNIT, count);
  let at = words + 4 * from * UNIT;
  let pairs = i64x2.splat(0);
  for (; at + 16 <= end; at += 16) {
    const four = v128.load(at);
    pairs = i64x2.add(pairs, i64x2.extend_low_i32x4_u(four));
    pairs = i64x2.add(pairs, i64x2.extend_high_i32x4_u(four));
  }
  let total = i64x2.extract_lane(pairs, 0) + i64x2.extract_lane(pairs, 1);
  for (; at < end; at += 4) total += <i64>load<u32>(at);
  atomic.add<i64>(sum, total);
}

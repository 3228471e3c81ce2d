// A stack on its way into the mosaic: `storeStack` in src/pipeline/canvas/store-stack.ts says what it is for.

/**
 * Of `count` pixels of one plane: their value (f32 at `mean`) becomes NaN where it is not above `blankLimit` or its weight (f32 at `weight`) not above 0, and
 * `coverage` (f32) the larger of itself and of `used` (u32). Returns the sum of `used`. Up to three pixels behind the last one are altered with them.
 */
export function settleStack(
  mean: usize,
  weight: usize,
  used: usize,
  coverage: usize,
  count: u32,
  blankLimit: f32,
): f64 {
  const limit = f32x4.splat(blankLimit);
  const zero = f32x4.splat(0);
  const blank = i32x4.splat(0x7fc00000);
  let sums = i64x2.splat(0);
  const bytes = <usize>count * 4;
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) {
    const values = v128.load(mean + at);
    const stands = v128.and(f32x4.gt(values, limit), f32x4.gt(v128.load(weight + at), zero));
    v128.store(mean + at, v128.bitselect(values, blank, stands));
    const counts = v128.load(used + at);
    v128.store(coverage + at, f32x4.pmax(f32x4.convert_i32x4_u(counts), v128.load(coverage + at)));
    sums = i64x2.add(sums, i64x2.add(i64x2.extend_low_i32x4_u(counts), i64x2.extend_high_i32x4_u(counts)));
  }
  let sum = i64x2.extract_lane(sums, 0) + i64x2.extract_lane(sums, 1);
  if (at < bytes) {
    for (let k = at; k < bytes; k += 4) sum += <i64>load<u32>(used + k);
    const values = v128.load(mean + at);
    const stands = v128.and(f32x4.gt(values, limit), f32x4.gt(v128.load(weight + at), zero));
    v128.store(mean + at, v128.bitselect(values, blank, stands));
    const counts = f32x4.convert_i32x4_u(v128.load(used + at));
    v128.store(coverage + at, f32x4.pmax(counts, v128.load(coverage + at)));
  }
  return <f64>sum;
}

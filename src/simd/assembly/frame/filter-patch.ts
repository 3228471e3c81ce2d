/**
 * The filter of `filter-rows.ts` at full resolution: a patch of `size` x `size` (f64, to `out`) whose taps begin at sample `at` of rows `stride` samples apart,
 * less `sky`. `between` has room for (size + 2) * (size + count + 1) f64.
 */
export function filterPatch(
  at: usize,
  stride: u32,
  flip: i32,
  taps: usize,
  count: u32,
  size: u32,
  sky: f64,
  between: usize,
  out: usize,
): void {
  const length = size + count - 1;
  // two samples side by side: the last may be one too many
  const across = (size + 1) & ~1;
  const line = between + (<usize>(across * length) << 3);
  let target = between;
  for (let j: u32 = 0; j < length; j++) {
    toFloats(at + <usize>j * stride * 2, flip, length, line);
    if (count == 6) {
      for (let i: u32 = 0; i < across; i += 2, target += 16)
        v128.store(target, six(taps, line + (<usize>i << 3), 8, f64x2.splat(0)));
      continue;
    }
    for (let i: u32 = 0; i < across; i += 2, target += 16) {
      let sum = f64x2.splat(0);
      for (let t: u32 = 0; t < count; t++) {
        const tap = f64x2.splat(load<f64>(taps + (<usize>t << 3)));
        sum = f64x2.add(sum, f64x2.mul(tap, v128.load(line + (<usize>(i + t) << 3))));
      }
      v128.store(target, sum);
    }
  }
  for (let j: u32 = 0; j < size; j++) {
    for (let i: u32 = 0; i < size; i += 2) {
      let sum = f64x2.splat(-sky);
      if (count == 6) {
        const column = between + (<usize>(j * across + i) << 3);
        v128.store(out + (<usize>(j * size + i) << 3), six(taps, column, across << 3, sum));
        continue;
      }
      for (let t: u32 = 0; t < count; t++) {
        const tap = f64x2.splat(load<f64>(taps + (<usize>t << 3)));
        sum = f64x2.add(sum, f64x2.mul(tap, v128.load(between + (<usize>((j + t) * across + i) << 3))));
      }
      // what is one too many the next row overwrites
      v128.store(out + (<usize>(j * size + i) << 3), sum);
    }
  }
}

function toFloats(at: usize, flip: i32, count: u32, out: usize): void {
  const mask = i16x8.splat(<i16>flip);
  const excess = i32x4.splat(flip);
  for (let i: u32 = 0; i < count; i += 4, at += 8, out += 32) {
    const v = i32x4.sub(i32x4.extend_low_i16x8_u(v128.xor(v128.load64_zero(at), mask)), excess);
    v128.store(out, f64x2.convert_low_i32x4_s(v));
    v128.store(out, f64x2.convert_low_i32x4_s(i64x2.shuffle(v, v, 1, 1)), 16);
  }
}

/** Adds six samples `step` bytes apart, times their taps, which are the same from both ends: the commonest filter. */
@inline
function six(taps: usize, at: usize, step: usize, sum: v128): v128 {
  const k0 = v128.load64_splat(taps), k1 = v128.load64_splat(taps, 8), k2 = v128.load64_splat(taps, 16);
  sum = f64x2.add(sum, f64x2.mul(k0, v128.load(at)));
  sum = f64x2.add(sum, f64x2.mul(k1, v128.load(at + step)));
  sum = f64x2.add(sum, f64x2.mul(k2, v128.load(at + 2 * step)));
  sum = f64x2.add(sum, f64x2.mul(k2, v128.load(at + 3 * step)));
  sum = f64x2.add(sum, f64x2.mul(k1, v128.load(at + 4 * step)));
  return f64x2.add(sum, f64x2.mul(k0, v128.load(at + 5 * step)));
}

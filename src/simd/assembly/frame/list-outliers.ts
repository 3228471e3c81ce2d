/** Writes the indices, ascending from `first`, of those of `size` counts (i8) that are at least `least` in size, to `out` (u32); returns how many. */
export function listOutliers(counts: usize, size: u32, least: i32, first: u32, out: usize): u32 {
  let target = out;
  let k: u32 = 0;
  const limit = i8x16.splat(<i8>least);
  for (; k + 16 <= size; k += 16) {
    let lanes = i8x16.bitmask(i8x16.ge_s(i8x16.abs(v128.load(counts + k)), limit));
    for (; lanes != 0; lanes &= lanes - 1, target += 4) store<u32>(target, first + k + ctz(lanes));
  }
  for (; k < size; k++) {
    if (abs<i32>(load<i8>(counts + k)) < least) continue;
    store<u32>(target, first + k);
    target += 4;
  }
  return <u32>((target - out) >> 2);
}

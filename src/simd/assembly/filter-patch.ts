/**
 * The filter of `filter-rows.ts` at full resolution: a patch of `size` x `size` (f64, to `out`) whose taps begin at sample `at` of rows `stride` samples apart,
 * less `sky`. `between` has room for size * (size + count - 1) f64.
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
  const rows = size + count - 1;
  let target = between;
  for (let j: u32 = 0; j < rows; j++) {
    const row = at + <usize>j * stride * 2;
    for (let i: u32 = 0; i < size; i++, target += 8) {
      let sum: f64 = 0;
      for (let t: u32 = 0; t < count; t++) {
        const v = (<i32>load<u16>(row + (<usize>(i + t) << 1)) ^ flip) - flip;
        sum += load<f64>(taps + (<usize>t << 3)) * <f64>v;
      }
      store<f64>(target, sum);
    }
  }
  for (let j: u32 = 0; j < size; j++) {
    for (let i: u32 = 0; i < size; i++, out += 8) {
      let sum = -sky;
      for (let t: u32 = 0; t < count; t++) {
        sum += load<f64>(taps + (<usize>t << 3)) * load<f64>(between + (<usize>((j + t) * size + i) << 3));
      }
      store<f64>(out, sum);
    }
  }
}

/**
 * Multiplies standard deviations (f32 at `sigma`, `rows` rows of `count` neighbours) by sqrt(constant + slope value), at least `least` under the root, in float32. Values: f32 at
 * `values`, likewise; slopes and constants: f32 of squares of `step` pixels that all rows lie in, the first of the pixels being number `first` of the first square.
 * What is NaN comes out as that of JavaScript: whose sign and payload a product has is up to the compiler, and code that was optimised has another than that which waits for it.
 */
export function addPhotons(
  sigma: usize,
  values: usize,
  slopes: usize,
  constants: usize,
  first: u32,
  count: u32,
  rows: u32,
  step: u32,
  least: f32,
): void {
  const row = <usize>count << 2;
  for (let y: u32 = 0; y < rows; y++, sigma += row, values += row)
    addToRow(sigma, values, slopes, constants, first, count, step, least);
}

function addToRow(
  sigma: usize,
  values: usize,
  slopes: usize,
  constants: usize,
  first: u32,
  count: u32,
  step: u32,
  least: f32,
): void {
  const limit = f32x4.splat(least);
  const blank = i32x4.splat(0x7fc00000);
  let i: u32 = 0;
  while (i < count) {
    const square = <usize>((first + i) / step) << 2;
    const slope = load<f32>(slopes + square);
    const constant = load<f32>(constants + square);
    const end = min<u32>(count, i + step - ((first + i) % step));
    for (; i + 4 <= end; i += 4) {
      const at = <usize>i << 2;
      const light = f32x4.mul(f32x4.splat(slope), v128.load(values + at));
      // keeps NaN
      const factor = f32x4.pmax(f32x4.add(f32x4.splat(constant), light), limit);
      const product = f32x4.mul(v128.load(sigma + at), f32x4.sqrt(factor));
      v128.store(sigma + at, v128.bitselect(product, blank, f32x4.eq(product, product)));
    }
    for (; i < end; i++) {
      const at = <usize>i << 2;
      const factor = max<f32>(constant + slope * load<f32>(values + at), least);
      const product = load<f32>(sigma + at) * sqrt<f32>(factor);
      if (product == product) store<f32>(sigma + at, product);
      else store<u32>(sigma + at, 0x7fc00000);
    }
  }
}

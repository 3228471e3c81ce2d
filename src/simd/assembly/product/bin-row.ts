// Pixels of a mosaic that all its planes show, sums of them over bins, and what these come to: `binPlanes` in src/output/picture/bin-planes.ts says what for.

/** What all exponents have that are not finite. */
const EXPONENT: i32 = 0x7f800000;

// @ts-ignore: decorator
@inline
function finite(first: usize, second: usize, third: usize): v128 {
  const exponent = i32x4.splat(EXPONENT);
  const a = i32x4.ne(v128.and(v128.load(first), exponent), exponent);
  const b = i32x4.ne(v128.and(v128.load(second), exponent), exponent);
  const c = i32x4.ne(v128.and(v128.load(third), exponent), exponent);
  return v128.and(v128.and(a, b), c);
}

/** Fills `out` (f32) with 1 where `count` pixels of three planes (f32) are finite in all, else 0. Up to three pixels behind the last one are written. */
export function coveredPixels(first: usize, second: usize, third: usize, count: u32, out: usize): void {
  const one = f32x4.splat(1);
  const bytes = <usize>count * 4;
  for (let at: usize = 0; at < bytes; at += 16)
    v128.store(out + at, v128.and(finite(first + at, second + at, third + at), one));
}

/** Whether `count` values (f32) are all finite. */
export function allFinite(values: usize, count: u32): bool {
  const exponent = i32x4.splat(EXPONENT);
  const end = values + (<usize>count << 2);
  let all = i32x4.splat(-1);
  for (; values + 16 <= end; values += 16)
    all = v128.and(all, i32x4.ne(v128.and(v128.load(values), exponent), exponent));
  for (; values < end; values += 4) if ((load<i32>(values) & EXPONENT) == EXPONENT) return false;
  return i32x4.all_true(all);
}

/**
 * Adds a row of `nx` pixels of three planes (f32; one plane three times is taken once) to bins of `factor` of them: to `counts` (u32) those that are finite in all planes, and to
 * `sums` (f64, the bins of one plane behind those of the other) their values, from the first to the last. `mask` is room for the row and three pixels more.
 */
export function binRow(
  first: usize,
  second: usize,
  third: usize,
  nx: u32,
  factor: u32,
  mask: usize,
  counts: usize,
  sums: usize,
): void {
  const bytes = <usize>nx * 4;
  for (let at: usize = 0; at < bytes; at += 16)
    v128.store(mask + at, finite(first + at, second + at, third + at));
  const bins = (nx + factor - 1) / factor;
  for (let bin: u32 = 0, x: u32 = 0; bin < bins; bin++) {
    const end = min(x + factor, nx);
    let count = load<u32>(counts + (<usize>bin << 2));
    for (; x < end; x++) count -= load<u32>(mask + (<usize>x << 2));
    store<u32>(counts + (<usize>bin << 2), count);
  }
  addToBins(first, mask, nx, factor, bins, sums);
  if (second == first) return;
  addToBins(second, mask, nx, factor, bins, sums + <usize>bins * 8);
  addToBins(third, mask, nx, factor, bins, sums + <usize>bins * 16);
}

function addToBins(row: usize, mask: usize, nx: u32, factor: u32, bins: u32, sums: usize): void {
  let bin: u32 = 0;
  if (factor == 2) {
    for (const pairs = (nx / 4) * 2; bin < pairs; bin += 2) {
      const at = <usize>bin * 8;
      const values = v128.and(v128.load(row + at), v128.load(mask + at));
      const even = f64x2.promote_low_f32x4(i32x4.shuffle(values, values, 0, 2, 0, 2));
      const odd = f64x2.promote_low_f32x4(i32x4.shuffle(values, values, 1, 3, 1, 3));
      v128.store(sums + at, f64x2.add(f64x2.add(v128.load(sums + at), even), odd));
    }
  }
  for (; bin < bins; bin++) {
    const end = min((bin + 1) * factor, nx);
    let sum = load<f64>(sums + (<usize>bin << 3));
    for (let x = bin * factor; x < end; x++) {
      const at = <usize>x << 2;
      sum += <f64>reinterpret<f32>(load<u32>(row + at) & load<u32>(mask + at));
    }
    store<f64>(sums + (<usize>bin << 3), sum);
  }
}

/** Divides `count` sums (f64) by how many pixels they are of (u32): the means (f32), NaN of none. Up to one mean behind the last one is written. */
export function meansOfBins(sums: usize, counts: usize, count: u32, means: usize): void {
  const none = f32x4.splat(NaN);
  for (let bin: usize = 0; bin < <usize>count; bin += 2) {
    const pixels = v128.load64_zero(counts + (bin << 2));
    const mean = f32x4.demote_f64x2_zero(f64x2.div(v128.load(sums + (bin << 3)), f64x2.convert_low_i32x4_u(pixels)));
    v128.store64_lane(means + (bin << 2), v128.bitselect(none, mean, i32x4.eq(pixels, i32x4.splat(0))), 0);
  }
}

/** What share of `area` pixels each of `count` numbers of them (u32) is (f32). Up to one share behind the last one is written. */
export function sharesOfBins(counts: usize, area: f64, count: u32, shares: usize): void {
  const whole = f64x2.splat(area);
  for (let at: usize = 0; at < <usize>count << 2; at += 8) {
    const share = f64x2.div(f64x2.convert_low_i32x4_u(v128.load64_zero(counts + at)), whole);
    v128.store64_lane(shares + at, f32x4.demote_f64x2_zero(share), 0);
  }
}

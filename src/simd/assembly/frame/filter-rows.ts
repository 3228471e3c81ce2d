// A separable filter over 16-bit samples, every second one of every second row kept; src/astrometry/stars/matched-filter.ts is the twin. Sums are float64 in the
// twin's order, rows between the axes float32. Loops end below: what does not change in them is not worked out in each turn.

/**
 * Filters along a row: for i from x0 to x1 - 1, out[i] (f32) is the sum over t of taps[t] (f64) * sample[2 i - half + t]. Samples are made unsigned by `flip`, which
 * is then their excess. Up to seven more are read, and up to three more written.
 */
export function filterRow(row: usize, flip: i32, taps: usize, count: u32, half: u32, x0: u32, x1: u32, out: usize): void {
  if (count == 6) filterSix(row, flip, taps, x0, x1, out);
  else filterAny(row, flip, taps, count, half, x0, x1, out);
}

function filterSix(row: usize, flip: i32, taps: usize, x0: u32, x1: u32, out: usize): void {
  const k0 = f64x2.splat(load<f64>(taps));
  const k1 = f64x2.splat(load<f64>(taps, 8));
  const k2 = f64x2.splat(load<f64>(taps, 16));
  const mask = i16x8.splat(<i16>flip);
  const low = i32x4.splat(0xffff);
  const excess = i32x4.splat(2 * flip);
  if (x0 >= x1) return;
  let at = row + <usize>(2 * x0 - 2) * 2, to = out + (<usize>x0 << 2);
  const end = out + (<usize>x1 << 2);
  do {
    const first = v128.xor(v128.load(at), mask);
    const second = v128.xor(v128.load(at, 4), mask);
    const third = v128.xor(v128.load(at, 8), mask);
    const outer = i32x4.sub(i32x4.add(v128.and(first, low), i32x4.shr_u(third, 16)), excess);
    const inner = i32x4.sub(i32x4.add(i32x4.shr_u(first, 16), v128.and(third, low)), excess);
    const middle = i32x4.sub(i32x4.add(v128.and(second, low), i32x4.shr_u(second, 16)), excess);
    const a = f32x4.demote_f64x2_zero(six(k0, k1, k2, outer, inner, middle));
    const b = f32x4.demote_f64x2_zero(six(k0, k1, k2, upper(outer), upper(inner), upper(middle)));
    v128.store(to, i64x2.shuffle(a, b, 0, 2));
    at += 16;
    to += 16;
  } while (to < end);
}

// @ts-ignore: decorator
@inline
function upper(v: v128): v128 {
  return i64x2.shuffle(v, v, 1, 1);
}

// @ts-ignore: decorator
@inline
function six(k0: v128, k1: v128, k2: v128, outer: v128, inner: v128, middle: v128): v128 {
  return f64x2.add(
    f64x2.add(f64x2.mul(k0, f64x2.convert_low_i32x4_s(outer)), f64x2.mul(k1, f64x2.convert_low_i32x4_s(inner))),
    f64x2.mul(k2, f64x2.convert_low_i32x4_s(middle)),
  );
}

function filterAny(row: usize, flip: i32, taps: usize, count: u32, half: u32, x0: u32, x1: u32, out: usize): void {
  const mask = i16x8.splat(<i16>flip);
  const low = i32x4.splat(0xffff);
  const excess = i32x4.splat(flip);
  for (let i = x0; i < x1; i += 4) {
    const at = row + <usize>(2 * i - half) * 2;
    let a = f64x2.splat(0);
    let b = f64x2.splat(0);
    for (let t: u32 = 0; t < count; t++) {
      // of two samples the first, or the second of the two before
      const even = (t & 1) == 0;
      const v = v128.xor(v128.load(at + <usize>(even ? t : t - 1) * 2), mask);
      const samples = i32x4.sub(even ? v128.and(v, low) : i32x4.shr_u(v, 16), excess);
      const tap = f64x2.splat(load<f64>(taps + (<usize>t << 3)));
      a = f64x2.add(a, f64x2.mul(tap, f64x2.convert_low_i32x4_s(samples)));
      b = f64x2.add(b, f64x2.mul(tap, f64x2.convert_low_i32x4_s(upper(samples))));
    }
    v128.store(out + <usize>i * 4, i64x2.shuffle(f32x4.demote_f64x2_zero(a), f32x4.demote_f64x2_zero(b), 0, 2));
  }
}

/**
 * Filters along columns: out[i] (f32) for i from x0 to x1 - 1 becomes -(value + slope i), as float32, plus the sum over t of taps[t] (f64) * row t at i. The rows
 * (f32, `stride` bytes apart) form a ring of `count` rows, of which row `first` is the first. Up to three samples more are written.
 */
export function filterColumns(
  rows: usize,
  stride: u32,
  first: u32,
  taps: usize,
  count: u32,
  x0: u32,
  x1: u32,
  value: f64,
  slope: f64,
  out: usize,
): void {
  const two = f64x2.splat(2);
  const steepness = f64x2.splat(slope);
  const start = f64x2.splat(value);
  let x = f64x2.replace_lane(f64x2.splat(<f64>x0), 1, <f64>x0 + 1);
  if (count == 6) {
    const k0 = f64x2.splat(load<f64>(taps));
    const k1 = f64x2.splat(load<f64>(taps, 8));
    const k2 = f64x2.splat(load<f64>(taps, 16));
    if (x0 >= x1) return;
    const from = <usize>x0 << 2, end = <usize>x1 << 2;
    const r0 = rows + <usize>first * stride;
    const r1 = rows + <usize>((first + 1) % 6) * stride;
    const r2 = rows + <usize>((first + 2) % 6) * stride;
    const r3 = rows + <usize>((first + 3) % 6) * stride;
    const r4 = rows + <usize>((first + 4) % 6) * stride;
    const r5 = rows + <usize>((first + 5) % 6) * stride;
    let at = from;
    do {
      const sky = f64x2.neg(f64x2.add(start, f64x2.mul(steepness, x)));
      const outer = f64x2.mul(k0, f64x2.add(two32(r0 + at), two32(r5 + at)));
      const inner = f64x2.mul(k1, f64x2.add(two32(r1 + at), two32(r4 + at)));
      const middle = f64x2.mul(k2, f64x2.add(two32(r2 + at), two32(r3 + at)));
      const sum = f64x2.add(rounded(sky), f64x2.add(f64x2.add(outer, inner), middle));
      v128.store64_lane(out + at, f32x4.demote_f64x2_zero(sum), 0);
      x = f64x2.add(x, two);
      at += 8;
    } while (at < end);
    return;
  }
  for (let i = x0; i < x1; i += 2) {
    const at = <usize>i * 4;
    let sum = rounded(f64x2.neg(f64x2.add(start, f64x2.mul(steepness, x))));
    let row = first;
    for (let t: u32 = 0; t < count; t++) {
      const tap = f64x2.splat(load<f64>(taps + (<usize>t << 3)));
      sum = rounded(f64x2.add(sum, f64x2.mul(tap, two32(rows + <usize>row * stride + at))));
      row = row + 1 == count ? 0 : row + 1;
    }
    v128.store64_lane(out + at, f32x4.demote_f64x2_zero(sum), 0);
    x = f64x2.add(x, two);
  }
}

// @ts-ignore: decorator
@inline
function two32(at: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(at));
}

/** To float32 and back. */
// @ts-ignore: decorator
@inline
function rounded(v: v128): v128 {
  return f64x2.promote_low_f32x4(f32x4.demote_f64x2_zero(v));
}

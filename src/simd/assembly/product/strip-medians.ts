// Medians of strips of pixels beside a line: src/quality/seams.ts says which.

/**
 * Where the samples of a strip lie, to `out` (i32): at `x + a ux + r vx`, `y + a uy + r vy`, to the nearest pixel, for r from `from` to `to` and a from -`half` to
 * `half`; as the number of a pixel from the first one of row `y0` on, -1 beyond `nx` columns and rows y0 to y1 - 1. Returns how many.
 */
export function stripPlaces(
  x: f64,
  y: f64,
  ux: f64,
  uy: f64,
  vx: f64,
  vy: f64,
  from: f64,
  to: f64,
  across: f64,
  half: f64,
  along: f64,
  nx: i32,
  y0: i32,
  y1: i32,
  out: usize,
): u32 {
  let at = out;
  for (let r = from; r <= to; r += across) {
    for (let a = -half; a <= half; a += along) {
      const px = <i32>Math.floor(x + a * ux + r * vx + 0.5);
      const py = <i32>Math.floor(y + a * uy + r * vy + 0.5);
      const inside = px >= 0 && px < nx && py >= y0 && py < y1;
      store<i32>(at, inside ? (py - y0) * nx + px : -1);
      at += 4;
    }
  }
  return <u32>((at - out) >> 2);
}

/**
 * The medians (f64, to `out`) of `strips` strips of `count` values (f32, a multiple of 4) at `values`, NaN left out; NaN where fewer than `least` are left.
 */
export function stripMedians(values: usize, strips: u32, count: u32, least: f64, out: usize): void {
  for (let s: u32 = 0; s < strips; s++, values += <usize>count * 4, out += 8)
    store<f64>(out, medianOfStrip(values, values + <usize>count * 4, least));
}

function medianOfStrip(start: usize, end: usize, least: f64): f64 {
  let lowest = f32x4.splat(Infinity);
  let highest = f32x4.splat(-Infinity);
  let known = i32x4.splat(0);
  for (let at = start; at < end; at += 16) {
    const v = v128.load(at);
    // pmin and pmax keep the first where the second is NaN
    lowest = f32x4.pmin(lowest, v);
    highest = f32x4.pmax(highest, v);
    known = i32x4.sub(known, f32x4.eq(v, v));
  }
  const n = across(known);
  if (n == 0 || <f64>n < least) return NaN;
  const half = n >> 1;
  // Of the numbers between the extremes, by their bits, the highest with no more than half of the values below it is the value of that rank: no order of the values,
  // and no branch that depends on them.
  let low = keyOf(-largest(f32x4.neg(lowest)));
  let high = keyOf(largest(highest));
  while (low < high) {
    const middle = high - ((high - low) >>> 1);
    const bound = f32x4.splat(numberOf(middle));
    let below = i32x4.splat(0);
    for (let at = start; at < end; at += 16) below = i32x4.sub(below, f32x4.lt(v128.load(at), bound));
    if (across(below) <= half) low = middle;
    else high = middle - 1;
  }
  const upper = numberOf(low);
  if ((n & 1) != 0) return <f64>upper;
  const bound = f32x4.splat(upper);
  let below = i32x4.splat(0);
  let greatest = f32x4.splat(-Infinity);
  for (let at = start; at < end; at += 16) {
    const v = v128.load(at);
    const isBelow = f32x4.lt(v, bound);
    below = i32x4.sub(below, isBelow);
    greatest = f32x4.pmax(greatest, v128.bitselect(v, f32x4.splat(-Infinity), isBelow));
  }
  const lower = across(below) == half ? largest(greatest) : upper;
  return 0.5 * (<f64>lower + <f64>upper);
}

/** Numbers without a sign that order as floats do. */
// @ts-ignore: decorator
@inline
function keyOf(value: f32): u32 {
  const bits = reinterpret<u32>(value);
  return bits ^ ((<i32>bits >> 31) | 0x80000000);
}

// @ts-ignore: decorator
@inline
function numberOf(key: u32): f32 {
  return reinterpret<f32>(key ^ ((<i32>~key >> 31) | 0x80000000));
}

// @ts-ignore: decorator
@inline
function across(v: v128): u32 {
  return (
    i32x4.extract_lane(v, 0) + i32x4.extract_lane(v, 1) + i32x4.extract_lane(v, 2) + i32x4.extract_lane(v, 3)
  );
}

function largest(v: v128): f32 {
  return max(
    max(f32x4.extract_lane(v, 0), f32x4.extract_lane(v, 1)),
    max(f32x4.extract_lane(v, 2), f32x4.extract_lane(v, 3)),
  );
}

// Medians of strips of pixels beside a line: src/quality/seams.ts says which.
import { f64At } from '../words';

/**
 * Where the samples of `strips` strips lie, to `out` (i32): at `x + a ux + r vx`, `y + a uy + r vy`, to the nearest pixel, for a from -`half` to `half` and r over the reach of a strip, the
 * first and last of which stand at `reaches` (f64); as the number of a pixel from the first one of row `y0` on, -1 beyond `nx` columns and rows y0 to y1 - 1.
 */
export function stripPlaces(
  x: f64,
  y: f64,
  ux: f64,
  uy: f64,
  vx: f64,
  vy: f64,
  reaches: usize,
  strips: u32,
  across: f64,
  half: f64,
  along: f64,
  nx: i32,
  y0: i32,
  y1: i32,
  out: usize,
): void {
  for (let s: u32 = 0; s < strips; s++) {
    const to = f64At(reaches, 2 * s + 1);
    for (let r = f64At(reaches, 2 * s); r <= to; r += across) {
      for (let a = -half; a <= half; a += along) {
        const px = <i32>floor<f64>(x + a * ux + r * vx + 0.5);
        const py = <i32>floor<f64>(y + a * uy + r * vy + 0.5);
        const inside = px >= 0 && px < nx && py >= y0 && py < y1;
        store<i32>(out, inside ? (py - y0) * nx + px : -1);
        out += 4;
      }
    }
  }
}

/** What `countBelow` has found beside the number: the greatest value below, and the least that is not. */
let greatestBelow: f32 = 0;
let leastAbove: f32 = 0;

/** The median of `count` values (f32, a multiple of 4) at `values`, NaN left out; NaN where fewer than `least` are left. */
export function stripMedian(values: usize, count: u32, least: f64): f64 {
  const end = values + (<usize>count << 2);
  let lowest = f32x4.splat(Infinity);
  let highest = f32x4.splat(-Infinity);
  let known = i32x4.splat(0);
  for (let at = values; at < end; at += 16) {
    const v = v128.load(at);
    // pmin and pmax keep the first where the second is NaN
    lowest = f32x4.pmin(lowest, v);
    highest = f32x4.pmax(highest, v);
    known = i32x4.sub(known, f32x4.eq(v, v));
  }
  const n = across(known);
  if (n == 0 || <f64>n < least) return NaN;
  return medianBetween(values, end, n, -largest(f32x4.neg(lowest)), largest(highest));
}

/**
 * Of `n` values from `low` to `high`: no order of them, and no branch that depends on a single one. How many lie below a bound tells on which side the median lies, and where about; the
 * nearest values on either side are the next ends.
 */
function medianBetween(values: usize, end: usize, n: u32, low: f32, high: f32): f64 {
  const half = n >> 1;
  const least = low;
  let belowLow: u32 = 0;
  let upToHigh = n;
  let bound = firstBound(values, <u32>((end - values) >> 2));
  for (let turn = 0; low < high; turn++) {
    if (!(bound > low && bound <= high)) bound = between(low, high);
    const below = countBelow(values, end, bound);
    if (below == half) return (n & 1) != 0 ? leastAbove : 0.5 * (<f64>greatestBelow + <f64>leastAbove);
    if (below < half) {
      low = leastAbove;
      belowLow = below;
    } else {
      high = greatestBelow;
      upToHigh = below;
    }
    const missing = <f64>half + 0.5 - <f64>belowLow;
    // what is brighter than the sky tells nothing of how dense the sky's own values are
    if (upToHigh == n && belowLow > 0)
      bound = <f32>(<f64>low + ((<f64>low - <f64>least) / <f64>belowLow) * missing);
    else if ((turn & 3) == 3) bound = between(low, high);
    else bound = <f32>(<f64>low + ((<f64>high - <f64>low) / <f64>(upToHigh - belowLow)) * missing);
  }
  // fewer than half of the values are below it: of an even number it is both of the middle two
  return <f64>low;
}

function countBelow(values: usize, end: usize, bound: f32): u32 {
  const limit = f32x4.splat(bound);
  let below = i32x4.splat(0);
  let greatest = f32x4.splat(-Infinity);
  let smallest = f32x4.splat(Infinity);
  for (let at = values; at < end; at += 16) {
    const v = v128.load(at);
    const isBelow = f32x4.lt(v, limit);
    below = i32x4.sub(below, isBelow);
    greatest = f32x4.pmax(greatest, v128.bitselect(v, greatest, isBelow));
    smallest = f32x4.pmin(smallest, v128.bitselect(smallest, v, isBelow));
  }
  greatestBelow = largest(greatest);
  leastAbove = -largest(f32x4.neg(smallest));
  return across(below);
}

/** The median of three medians of three values from all over; any number where one of them is NaN. */
function firstBound(values: usize, count: u32): f32 {
  const step = <usize>(count / 9) << 2;
  const a = middle(load<f32>(values), load<f32>(values + step), load<f32>(values + 2 * step));
  values += 3 * step;
  const b = middle(load<f32>(values), load<f32>(values + step), load<f32>(values + 2 * step));
  values += 3 * step;
  return middle(a, b, middle(load<f32>(values), load<f32>(values + step), load<f32>(values + 2 * step)));
}

// @ts-ignore: decorator
@inline
function middle(a: f32, b: f32, c: f32): f32 {
  return max<f32>(min<f32>(a, b), min<f32>(max<f32>(a, b), c));
}

/** Above `low` and at most `high`: half-way by their bits, which tell two zeros apart. */
function between(low: f32, high: f32): f32 {
  const to = keyOf(high);
  const bound = numberOf(to - ((to - keyOf(low)) >>> 1));
  return bound > low ? bound : high;
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

// The sample of one pixel where taps are blank or outside the window: rare, so written plainly, in f64.
import {
  BLANK_LIMIT,
  BLANK_VALUE,
  LANCZOS_TABLE_SIZE,
  WARP_LANCZOS3,
  WARP_NEAREST,
  WarpJob as Job,
} from '../layout';
import * as scratchOf from './warp-scratch';

/** Value of plane `c` at column `i` of the row, BLANK_VALUE where too little is valid. */
export function exactValue(job: usize, c: u32, i: usize, scratch: usize): f32 {
  const list = scratch + i * 4;
  const x = load<i32>(list, scratchOf.PIXEL_X);
  const y = load<i32>(list, scratchOf.PIXEL_Y);
  const fx = <f64>load<f32>(list, scratchOf.FRACTION_X);
  const fy = <f64>load<f32>(list, scratchOf.FRACTION_Y);
  const kernel = Job.kernel(job);
  if (kernel == WARP_NEAREST) return tapAt(job, c, x, y);
  return kernel == WARP_LANCZOS3
    ? lanczosValue(job, c, x - 2, y - 2, fx, fy, scratch)
    : bilinearValue(job, c, x, y, fx, fy);
}

function tapAt(job: usize, c: u32, x: i32, y: i32): f32 {
  const width = Job.windowWidth(job);
  const height = Job.windowHeight(job);
  if (<u32>x >= width || <u32>y >= height) return BLANK_VALUE;
  return load<f32>(Job.planes_at(job) + ((<usize>c * height + <usize>y) * width + <usize>x) * 4);
}

function bilinearValue(job: usize, c: u32, x: i32, y: i32, fx: f64, fy: f64): f32 {
  let sum: f64 = 0;
  let weights: f64 = 0;
  for (let k = 0; k < 4; k++) {
    const v = tapAt(job, c, x + (k & 1), y + (k >> 1));
    if (!(v > BLANK_LIMIT)) continue;
    const w = (k & 1 ? fx : 1 - fx) * (k >> 1 ? fy : 1 - fy);
    sum += w * v;
    weights += w;
  }
  return weights < 0.5 ? BLANK_VALUE : <f32>(sum / weights);
}

/** Stores the weights of the six taps of an axis at fraction `f`, from the linearly interpolated table, as f64 at `at`, and returns their sum. */
export function lanczosWeights(table: usize, f: f64, at: usize): f64 {
  const position = f * LANCZOS_TABLE_SIZE;
  // A fraction may be rounded up to 1, and nothing stands before the table.
  const entry = min(<i32>position, <i32>LANCZOS_TABLE_SIZE - 1);
  const rest = position - <f64>entry;
  const whole = <usize>LANCZOS_TABLE_SIZE * 4;
  const up = table + <usize>entry * 4;
  const down = table - <usize>entry * 4;
  let sum: f64 = 0;
  for (let i: usize = 0; i < 3; i++) {
    const w = between(up + (2 - i) * whole, 4, rest);
    store<f64>(at + i * 8, w);
    sum += w;
  }
  for (let i: usize = 3; i < 6; i++) {
    const w = between(down + (i - 2) * whole, -4, rest);
    store<f64>(at + i * 8, w);
    sum += w;
  }
  return sum;
}

// @ts-ignore: decorator
@inline
function between(entry: usize, next: isize, rest: f64): f64 {
  const a = <f64>load<f32>(entry);
  return a + (<f64>load<f32>(entry + next) - a) * rest;
}

/** Two taps at a time. Those that lie outside the window are read too, as far as rows are there, and masked out as blanks are. */
function lanczosValue(job: usize, c: u32, x: i32, y: i32, fx: f64, fy: f64, scratch: usize): f32 {
  const table = Job.lanczos_at(job);
  const weights = scratch + scratchOf.EXACT_WEIGHTS;
  const width = <i32>Job.windowWidth(job);
  const height = <i32>Job.windowHeight(job);
  // Far from the window there may be no memory either.
  if (x <= -6 || x >= width) return BLANK_VALUE;
  const firstJ = max(0, -y);
  const endJ = min(6, height - y);
  const row = <usize>width * 4;
  // The address of tap 0 of a row may lie outside of it.
  const first = Job.planes_at(job) + <usize>(((<i32>c * height + y) * width + x) * 4);
  const columns0 = columnsInside(x, width);
  const columns2 = columnsInside(x + 2, width);
  const columns4 = columnsInside(x + 4, width);
  let lows = f64x2.splat(Infinity);
  for (let j = firstJ; j < endJ; j++) {
    const p = first + <usize>j * row;
    const v0 = twoTaps(p);
    const v2 = twoTaps(p + 8);
    const v4 = twoTaps(p + 16);
    lows = f64x2.pmin(lows, v128.bitselect(v0, lows, holds(v0, columns0)));
    lows = f64x2.pmin(lows, v128.bitselect(v2, lows, holds(v2, columns2)));
    lows = f64x2.pmin(lows, v128.bitselect(v4, lows, holds(v4, columns4)));
  }
  const least = Math.min(f64x2.extract_lane(lows, 0), f64x2.extract_lane(lows, 1));
  if (least == Infinity) return BLANK_VALUE;
  const full = lanczosWeights(table, fx, weights) * lanczosWeights(table, fy, weights + 48);
  const about = f64x2.splat(least);
  let plus = f64x2.splat(0);
  let minus = f64x2.splat(0);
  let plusWeights = f64x2.splat(0);
  let minusWeights = f64x2.splat(0);
  for (let j = firstJ; j < endJ; j++) {
    const wy = v128.load64_splat(weights + <usize>j * 8, 48);
    let p = first + <usize>j * row;
    let columns = columns0;
    for (let i: usize = 0; i < 48; i += 16) {
      const v = twoTaps(p);
      const w = v128.and(f64x2.mul(wy, v128.load(weights + i)), holds(v, columns));
      // What is masked out may be no number.
      const weighted = v128.and(f64x2.mul(w, f64x2.sub(v, about)), holds(v, columns));
      const above = f64x2.gt(w, f64x2.splat(0));
      plus = f64x2.add(plus, v128.and(weighted, above));
      minus = f64x2.sub(minus, v128.andnot(weighted, above));
      plusWeights = f64x2.add(plusWeights, v128.and(w, above));
      minusWeights = f64x2.add(minusWeights, v128.andnot(w, above));
      columns = i == 0 ? columns2 : columns4;
      p += 8;
    }
  }
  const positive = bothLanes(plus);
  const negative = bothLanes(minus);
  const plusWeight = bothLanes(plusWeights);
  const weight = plusWeight + bothLanes(minusWeights);
  if (weight < 0.5 * full) return BLANK_VALUE;
  if (negative > <f64>Job.clampThreshold(job) * positive) return <f32>(least + positive / plusWeight);
  return <f32>(least + (positive - negative) / weight);
}

// @ts-ignore: decorator
@inline
function twoTaps(p: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(p));
}

/** All bits of those of columns `x` and `x + 1` that lie inside the window. */
// @ts-ignore: decorator
@inline
function columnsInside(x: i32, width: i32): v128 {
  return i64x2(-<i64>(<u32>x < <u32>width), -<i64>(<u32>(x + 1) < <u32>width));
}

/** The same of those that are not blank either. */
// @ts-ignore: decorator
@inline
function holds(taps: v128, columns: v128): v128 {
  return v128.and(f64x2.gt(taps, f64x2.splat(BLANK_LIMIT)), columns);
}

// @ts-ignore: decorator
@inline
function bothLanes(v: v128): f64 {
  return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1);
}

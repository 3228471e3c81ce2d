// Which samples of one slot the guard for few frames takes out of a block. Four at a time are passed over where none comes near its limit, which holds for
// nearly all; the others are looked at one by one.
import { BLANK_LIMIT, BLOCK_SIZE, GUARD_AROUND, GUARD_NEAR, GUARD_STEP_NOISE, MEDIAN_VARIANCE } from './layout';
import { guardHigh, guardLow, guardSlope, nearHigh, nearLow } from './guard-limits';
import {
  COUNTS,
  MEDIAN,
  NEAR,
  PAD,
  RING,
  RING_ROW,
  ROW,
  SLOPE,
  TAKEN,
  USED,
  VARIANCE,
  WEIGHT,
} from './guard-scratch';

/** Error of a float32 sum of nine terms, in units of the greatest, with room to spare. */
const NINE_ERROR: f32 = 9e-5;

/**
 * Finds the samples of a slot that are to go, counts them at `low` and `high` (maps like the slot's, all pointers to the block's first pixel, rows `pitch`
 * bytes apart) and lists their byte offsets at TAKEN. Returns how many there are. The slot itself stays as it is.
 */
export function takeOut(
  values: usize,
  pitch: usize,
  columns: u32,
  rows: u32,
  weight: f32,
  low: usize,
  high: usize,
  scratch: usize,
): u32 {
  const zero = f32x4.splat(0);
  const kappaLow = f32x4.splat(nearLow);
  const kappaHigh = f32x4.splat(nearHigh);
  const variance = f32x4.splat(1 / weight);
  const ring = scratch + RING + PAD;
  // What lies behind the last vector of a row is read as its neighbour.
  memory.fill(scratch + RING, 0, 2 * COUNTS);
  let up = ring + 2 * RING_ROW;
  let own = ring;
  let down = ring + RING_ROW;
  let taken: u32 = 0;
  fillRow(values, scratch, own, columns);
  let near = rowNear;
  let most = rowMost;
  let full = rowIsFull;
  let mostAbove: f32 = 0;
  let fullAbove = true;
  for (let y: u32 = 0; y < rows; y++) {
    const last = y + 1 == rows;
    if (!last) fillRow(values + pitch * (y + 1), scratch + ROW * (y + 1), down, columns);
    else clearRow(down);
    const error: f32 = NINE_ERROR * max(max(mostAbove, most), rowMost);
    const deep: i32 = 3 - <i32>(y == 0) - <i32>last;
    const whole = full && fullAbove && (last || rowIsFull);
    for (; near != 0; near &= near - 1) {
      const i = <usize>ctz(near) * 16;
      const at = scratch + ROW * y + i;
      const r = v128.load(own + i);
      const above = f32x4.gt(r, zero);
      const kappa = v128.bitselect(kappaHigh, kappaLow, above);
      const slope = v128.load(at, SLOPE);
      const limit = f32x4.add(
        f32x4.mul(kappa, f32x4.sqrt(f32x4.add(variance, v128.load(at, VARIANCE)))),
        slope,
      );
      const size = f32x4.abs(r);
      const close = f32x4.gt(size, limit);
      if (!v128.any_true(close)) continue;
      // One in eight samples comes so near by noise alone; what lies around it shows of nearly all that they stay.
      const among = around(up + i, own + i, down + i, above, limit, error, whole ? countsOf(i, <f32>deep) : countsAt(up + i, own + i, down + i));
      const far = f32x4.gt(size, f32x4.mul(limit, f32x4.splat(1 / GUARD_NEAR)));
      let rest = i32x4.bitmask(v128.and(close, v128.or(far, among)));
      for (; rest != 0; rest &= rest - 1) {
        const x = <u32>(i >> 2) + ctz(rest);
        const offset = pitch * y + <usize>x * 4;
        if (!goes(values, pitch, x, y, columns, rows, weight, load<u32>(low + offset) + load<u32>(high + offset), scratch)) continue;
        const counter = load<f32>(own + <usize>x * 4) > 0 ? high : low;
        store<u32>(counter + offset, load<u32>(counter + offset) + 1);
        store<u32>(scratch + <usize>taken * 4, <u32>offset, TAKEN);
        taken++;
      }
    }
    near = rowNear;
    mostAbove = most;
    most = rowMost;
    fullAbove = full;
    full = rowIsFull;
    const oldest = up;
    up = own;
    own = down;
    down = oldest;
  }
  return taken;
}

/** Of the row that was filled last: bits of the vectors of which one sample is near, the greatest residual, and whether all have one. */
let rowNear: u32 = 0;
let rowMost: f32 = 0;
let rowIsFull: bool = false;

/** Keeps a row's residuals from the median and where there are any in `row`. */
function fillRow(values: usize, scratch: usize, row: usize, columns: u32): void {
  const blank = f32x4.splat(BLANK_LIMIT);
  const one = f32x4.splat(1);
  let all = i32x4.splat(-1);
  let most = f32x4.splat(0);
  let near: u32 = 0;
  for (let i: u32 = 0; i < columns; i += 4) {
    const at = <usize>i * 4;
    const v = v128.load(values + at);
    const m = v128.load(scratch + at, MEDIAN);
    const valid = v128.and(f32x4.gt(v, blank), f32x4.gt(m, blank));
    const r = v128.and(f32x4.sub(v, m), valid);
    all = v128.and(all, valid);
    v128.store(row + at, r);
    v128.store(row + at, v128.and(one, valid), COUNTS);
    const size = f32x4.abs(r);
    most = f32x4.pmax(most, size);
    near |= <u32>(i32x4.bitmask(f32x4.gt(size, v128.load(scratch + at, NEAR))) != 0) << (i >> 2);
  }
  most = f32x4.pmax(most, v128.shuffle<f32>(most, most, 2, 3, 0, 1));
  rowMost = max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1));
  rowIsFull = columns == BLOCK_SIZE && i32x4.all_true(all);
  rowNear = near;
}

function clearRow(row: usize): void {
  memory.fill(row, 0, ROW);
  memory.fill(row + COUNTS, 0, ROW);
  rowNear = 0;
  rowMost = 0;
  rowIsFull = true;
}

/** Numbers of samples around four of a row of a full block, `deep` rows of them. */
// @ts-ignore: decorator
@inline
function countsOf(i: usize, deep: f32): v128 {
  let all = f32x4.splat(<f32>3 * deep);
  if (i == 0) all = f32x4.replace_lane(all, 0, <f32>2 * deep);
  if (i == ROW - 16) all = f32x4.replace_lane(all, 3, <f32>2 * deep);
  return all;
}

// @ts-ignore: decorator
@inline
function countsAt(up: usize, own: usize, down: usize): v128 {
  return sumAround(up + COUNTS, own + COUNTS, down + COUNTS);
}

/** Of four samples, those whose surroundings may stand out with them; none that do is missed. `limit` is GUARD_NEAR of theirs, lowered. */
// @ts-ignore: decorator
@inline
function around(up: usize, own: usize, down: usize, above: v128, limit: v128, error: f32, counts: v128): v128 {
  const sum = sumAround(up, own, down);
  const side = v128.bitselect(sum, f32x4.neg(sum), above);
  const most = f32x4.add(side, f32x4.splat(error));
  const least = f32x4.mul(f32x4.mul(limit, f32x4.splat(GUARD_AROUND / GUARD_NEAR)), counts);
  return f32x4.gt(most, least);
}

/** Sums over the 3 x 3 numbers around four. */
// @ts-ignore: decorator
@inline
function sumAround(up: usize, own: usize, down: usize): v128 {
  const a = f32x4.add(f32x4.add(v128.load(up - 4), v128.load(up)), v128.load(up, 4));
  const b = f32x4.add(f32x4.add(v128.load(own - 4), v128.load(own)), v128.load(own, 4));
  const c = f32x4.add(f32x4.add(v128.load(down - 4), v128.load(down)), v128.load(down, 4));
  return f32x4.add(f32x4.add(a, b), c);
}

/** The contract's word on the sample at (x, y) of the block; `gone` of its pixel have been taken out. */
function goes(
  values: usize,
  pitch: usize,
  x: u32,
  y: u32,
  columns: u32,
  rows: u32,
  weight: f32,
  gone: u32,
  scratch: usize,
): bool {
  const at = scratch + ROW * y + <usize>x * 4;
  if (<u32>2 * (gone + 1) >= load<u32>(at, USED)) return false;
  const m = <f64>load<f32>(at, MEDIAN);
  if (!(m > BLANK_LIMIT)) return false;
  const r = <f64>load<f32>(values + pitch * y + <usize>x * 4) - m;
  // A neighbour outside the block counts as the pixel itself, which adds nothing.
  const across = max(stepTo(m, x > 0 ? at - 4 : at), stepTo(m, x + 1 < columns ? at + 4 : at));
  const along = max(stepTo(m, y > 0 ? at - ROW : at), stepTo(m, y + 1 < rows ? at + ROW : at));
  const kappa = <f64>(r > 0 ? guardHigh : guardLow);
  const variance = <f64>MEDIAN_VARIANCE / <f64>load<f32>(at, WEIGHT);
  const step = max(<f64>0, max(across, along) - <f64>GUARD_STEP_NOISE * Math.sqrt(variance));
  const limit = kappa * Math.sqrt(1 / <f64>weight + variance) + <f64>guardSlope * step;
  const size = Math.abs(r);
  if (size > limit) return true;
  if (!(size > <f64>GUARD_NEAR * limit)) return false;
  let sum: f64 = 0;
  let count: f64 = 0;
  for (let qy = y > 0 ? y - 1 : y; qy < min(rows, y + 2); qy++) {
    for (let qx = x > 0 ? x - 1 : x; qx < min(columns, x + 2); qx++) {
      const mq = <f64>load<f32>(scratch + ROW * qy + <usize>qx * 4, MEDIAN);
      const vq = <f64>load<f32>(values + pitch * qy + <usize>qx * 4);
      if (!(mq > BLANK_LIMIT && vq > BLANK_LIMIT)) continue;
      sum += vq - mq;
      count += 1;
    }
  }
  return (r > 0 ? sum : -sum) / count > <f64>GUARD_AROUND * limit;
}

/** Step of the median to that of the pixel at `q`; 0 where it is blank there. */
// @ts-ignore: decorator
@inline
function stepTo(m: f64, q: usize): f64 {
  const mq = <f64>load<f32>(q, MEDIAN);
  return mq > BLANK_LIMIT ? Math.abs(m - mq) : 0;
}

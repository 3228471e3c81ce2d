// Which samples of one slot the guard for few frames takes out of a block. A row is passed over four samples at a time, without a branch; what reaches half its
// limit, one sample in a hundred, is looked at by itself.
import { bringNear } from './bring-near';
import { BLANK_LIMIT, BLOCK_SIZE, GUARD_AROUND, GUARD_NEAR, GUARD_STEP_NOISE, MEDIAN_VARIANCE } from './layout';
import { guardHigh, guardLow, guardSlope, noiseOf } from './guard-limits';
import { COUNTS, MEDIAN, NOISE, RING, RING_BYTES, ROW, SLOPE, SUMS, TAKEN, USED, WEIGHT } from './guard-scratch';

/** Error of a float32 sum of nine terms, in units of the greatest, with room to spare. */
const NINE_ERROR: f32 = 9e-5;

/**
 * Finds the samples of a slot that are to go, counts them at `low` and `high` (maps like the slot's, all pointers to the block's first pixel, rows `pitch`
 * bytes apart) and lists their byte offsets at TAKEN. Returns how many there are. The slot itself stays as it is. `isFull` may be true where the block has all its
 * columns and every pixel a sample of this slot.
 */
export function takeOut(
  values: usize,
  pitch: usize,
  columns: u32,
  rows: u32,
  weight: f32,
  low: usize,
  high: usize,
  isFull: bool,
  scratch: usize,
): u32 {
  const noise = noiseOf(weight);
  const sums = scratch + RING + SUMS;
  let up = scratch + RING;
  let own = up + ROW;
  let down = own + ROW;
  memory.fill(up, 0, 2 * RING_BYTES);
  if (isFull) countNeighbours(sums + COUNTS);
  let taken: u32 = 0;
  fillRow(values, scratch, up, down, own, sums, columns, isFull);
  let mostAbove: f32 = 0;
  let most = rowMost;
  for (let y: u32 = 0; y < rows; y++) {
    const isLast = y + 1 == rows;
    if (isLast) endSums(up, own, sums, columns, isFull);
    else {
      // The block's samples fill the second cache, and rows a pitch apart are not foreseen.
      if (y + 2 < rows && columns == BLOCK_SIZE) bringNear(values + pitch * (y + 2));
      fillRow(values + pitch * (y + 1), scratch + ROW * (y + 1), up, own, down, sums, columns, isFull);
    }
    const error: f32 = NINE_ERROR * max(max(mostAbove, most), rowMost);
    const deep: f32 = isFull ? 3 - <f32>(y == 0) - <f32>isLast : 1;
    const row = scratch + ROW * y;
    for (let near = nearBits(row, own, columns, noise); near != 0; near &= near - 1) {
      const x = <u32>ctz(near);
      if (!mayGo(row, own, sums, <usize>x * 4, noise, error, deep)) continue;
      const offset = pitch * y + <usize>x * 4;
      const gone = load<u32>(low + offset) + load<u32>(high + offset);
      if (!goes(values, pitch, x, y, columns, rows, weight, gone, scratch)) continue;
      const counter = load<f32>(own + <usize>x * 4) > 0 ? high : low;
      store<u32>(counter + offset, load<u32>(counter + offset) + 1);
      store<u32>(scratch + <usize>taken * 4, <u32>offset, TAKEN);
      taken++;
    }
    mostAbove = most;
    most = rowMost;
    const oldest = up;
    up = own;
    own = down;
    down = oldest;
  }
  return taken;
}

/** The greatest residual of the row that was filled last. */
let rowMost: f32 = 0;

/** Keeps a row's residuals from the median in `row`, and their sums with those of the two rows above it. */
function fillRow(
  values: usize,
  medians: usize,
  up: usize,
  own: usize,
  row: usize,
  sums: usize,
  columns: u32,
  isFull: bool,
): void {
  const blank = f32x4.splat(BLANK_LIMIT);
  const one = f32x4.splat(1);
  const bytes = <usize>columns * 4;
  let most = f32x4.splat(0);
  let at: usize = 0;
  if (isFull) {
    do {
      const r = f32x4.sub(v128.load(values + at), v128.load(medians + at, MEDIAN));
      v128.store(row + at, r);
      v128.store(sums + at, f32x4.add(f32x4.add(v128.load(up + at), v128.load(own + at)), r));
      most = f32x4.pmax(most, f32x4.abs(r));
      at += 16;
    } while (at != ROW);
  } else {
    do {
      const v = v128.load(values + at);
      const m = v128.load(medians + at, MEDIAN);
      const valid = v128.and(f32x4.gt(v, blank), f32x4.gt(m, blank));
      const r = v128.and(f32x4.sub(v, m), valid);
      const n = v128.and(one, valid);
      v128.store(row + at, r);
      v128.store(row + at, n, COUNTS);
      v128.store(sums + at, f32x4.add(f32x4.add(v128.load(up + at), v128.load(own + at)), r));
      v128.store(sums + at, f32x4.add(f32x4.add(v128.load(up + at, COUNTS), v128.load(own + at, COUNTS)), n), COUNTS);
      most = f32x4.pmax(most, f32x4.abs(r));
      at += 16;
    } while (at < bytes);
  }
  most = f32x4.pmax(most, v128.shuffle<f32>(most, most, 2, 3, 0, 1));
  rowMost = max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1));
}

/** The sums of the last two rows. */
function endSums(up: usize, own: usize, sums: usize, columns: u32, isFull: bool): void {
  const bytes = <usize>columns * 4;
  for (let at: usize = 0; at < bytes; at += 16) {
    v128.store(sums + at, f32x4.add(v128.load(up + at), v128.load(own + at)));
    if (!isFull) v128.store(sums + at, f32x4.add(v128.load(up + at, COUNTS), v128.load(own + at, COUNTS)), COUNTS);
  }
  rowMost = 0;
}

/** Of a full row, one where there is a sample. */
function countNeighbours(counts: usize): void {
  for (let at: usize = 0; at < ROW; at += 16) v128.store(counts + at, f32x4.splat(1));
}

/** Bits of the samples of a row that reach half their limit, which one in a hundred does. */
function nearBits(row: usize, own: usize, columns: u32, noise: f32): u64 {
  const noises = f32x4.splat(noise);
  let bits: u64 = 0;
  let x: u32 = 0;
  do {
    const i = <usize>x * 4;
    const limit = f32x4.add(v128.load(row + i, SLOPE), f32x4.mul(v128.load(row + i, NOISE), noises));
    bits |= <u64>i32x4.bitmask(f32x4.gt(f32x4.abs(v128.load(own + i)), limit)) << x;
    x += 4;
  } while (x < columns);
  return bits;
}

/**
 * Of a sample at half its limit, at byte i of the row: true when it reaches the whole limit, or when the sum over its surroundings may; none that goes is missed.
 * `deep` times COUNTS are the samples in a column of three.
 */
function mayGo(row: usize, own: usize, sums: usize, i: usize, noise: f32, error: f32, deep: f32): bool {
  const limit = load<f32>(row + i, SLOPE) + load<f32>(row + i, NOISE) * noise;
  const r = load<f32>(own + i);
  if (Mathf.abs(r) > limit * <f32>(1 / GUARD_NEAR)) return true;
  const sum = aroundOf(sums + i);
  const part: f32 = deep * (GUARD_AROUND / GUARD_NEAR);
  return (r > 0 ? sum : -sum) + error > limit * (aroundOf(sums + COUNTS + i) * part);
}

/** Sum over three columns. */
// @ts-ignore: decorator
@inline
function aroundOf(at: usize): f32 {
  return load<f32>(at - 4) + load<f32>(at) + load<f32>(at, 4);
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

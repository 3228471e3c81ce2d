// Which samples of one row of a block the guard for few frames takes out of a slot. A row is passed over sixteen samples at a time, without a branch; what
// reaches half its limit, some 7 samples in a hundred, is looked at by itself.
import {
  BLANK_LIMIT,
  BLANK_VALUE,
  BLOCK_SIZE,
  GUARD_AROUND,
  GUARD_NEAR,
  GUARD_STEP_NOISE,
  MEDIAN_VARIANCE,
  PAIR_KAPPA,
  PAIR_STEP_NOISE,
} from '../layout';
import { guardHigh, guardLow, guardSlope, pairSlope } from './guard-limits';
import { MEDIAN, NOISE, ROW, SLOPE, USED, WEIGHT } from './guard-scratch';

/** Samples taken out below and above their medians since `startTaking`. */
export let takenLow: u64 = 0;
export let takenHigh: u64 = 0;

export function startTaking(): void {
  takenLow = 0;
  takenHigh = 0;
}

/**
 * Bits of the samples of row `y` of a slot that are to go, which are counted at `low` and `high` and in `takenLow` and `takenHigh` (all pointers to the block's first pixel, rows
 * `pitch` bytes apart, of the counts `countPitch`). The slot itself stays as it is. `noise` is `noiseOf` its weight; `isFull` may be true where every pixel of the row has a sample of it.
 */
export function takeOut(
  values: usize,
  pitch: usize,
  y: u32,
  columns: u32,
  rows: u32,
  weight: f32,
  noise: f32,
  low: usize,
  high: usize,
  countPitch: usize,
  isFull: bool,
  scratch: usize,
): u64 {
  const row = scratch + ROW * y;
  const own = values + pitch * y;
  let taken: u64 = 0;
  for (let near = nearBits(own, row, columns, noise, isFull); near != 0; near &= near - 1) {
    const x = <u32>ctz(near);
    const offset = countPitch * y + <usize>x * 4;
    const gone = load<u32>(low + offset) + load<u32>(high + offset);
    if (load<u32>(row + <usize>x * 4, USED) == 2) {
      if (pairSlope < 0 || gone != 0 || !goesOfTwo(values, pitch, x, y, columns, rows, weight, scratch)) continue;
    } else {
      if (!mayGo(values, pitch, x, y, columns, rows, noise, scratch)) continue;
      if (!goes(values, pitch, x, y, columns, rows, weight, gone, scratch)) continue;
    }
    const isAbove = load<f32>(own + <usize>x * 4) > load<f32>(row + <usize>x * 4, MEDIAN);
    const counter = (isAbove ? high : low) + offset;
    store<u32>(counter, load<u32>(counter) + 1);
    if (isAbove) takenHigh++;
    else takenLow++;
    taken |= <u64>1 << <u64>x;
  }
  return taken;
}

/** Blanks the samples of a row by their bits. */
export function blankBits(row: usize, bits: u64): void {
  for (; bits != 0; bits &= bits - 1) store<f32>(row + <usize>ctz(bits) * 4, BLANK_VALUE);
}

/** Bits of the samples of a row that reach half their limit. */
function nearBits(own: usize, row: usize, columns: u32, noise: f32, isFull: bool): u64 {
  const noises = f32x4.splat(noise);
  const magnitude = i32x4.splat(0x7fffffff);
  const blank = f32x4.splat(BLANK_LIMIT);
  let bits: u64 = 0;
  let x: u32 = 0;
  if (columns == BLOCK_SIZE && isFull) {
    do {
      const i = <usize>x * 4;
      const ab = i16x8.narrow_i32x4_s(nearFour(own + i, row + i, noises, magnitude), nearFour(own + i + 16, row + i + 16, noises, magnitude));
      const cd = i16x8.narrow_i32x4_s(nearFour(own + i + 32, row + i + 32, noises, magnitude), nearFour(own + i + 48, row + i + 48, noises, magnitude));
      bits |= <u64>i8x16.bitmask(i8x16.narrow_i16x8_s(ab, cd)) << x;
      x += 16;
    } while (x != BLOCK_SIZE);
    return bits;
  }
  do {
    const i = <usize>x * 4;
    const near = v128.and(nearFour(own + i, row + i, noises, magnitude), f32x4.gt(v128.load(own + i), blank));
    bits |= <u64>i32x4.bitmask(near) << x;
    x += 4;
  } while (x < columns);
  return bits;
}

/** Of four samples; a blank is far from every median. */
// @ts-ignore: decorator
@inline
function nearFour(own: usize, row: usize, noises: v128, magnitude: v128): v128 {
  const r = f32x4.sub(v128.load(own), v128.load(row, MEDIAN));
  const limit = f32x4.add(v128.load(row, SLOPE), f32x4.mul(v128.load(row, NOISE), noises));
  return f32x4.gt(v128.and(r, magnitude), limit);
}

/** Of a sample at half its limit: true when it reaches the whole limit, or when its surroundings do with it; none that goes is missed. */
function mayGo(
  values: usize,
  pitch: usize,
  x: u32,
  y: u32,
  columns: u32,
  rows: u32,
  noise: f32,
  scratch: usize,
): bool {
  const at = scratch + ROW * y + <usize>x * 4;
  const limit = load<f32>(at, SLOPE) + load<f32>(at, NOISE) * noise;
  const r = load<f32>(values + pitch * y + <usize>x * 4) - load<f32>(at, MEDIAN);
  if (Mathf.abs(r) > limit * <f32>(1 / GUARD_NEAR)) return true;
  const least = <f64>limit * <f64>(GUARD_AROUND / GUARD_NEAR);
  if (<i32>(x > 0) & <i32>(y > 0) & <i32>(x + 2 <= columns) & <i32>(y + 2 <= rows)) {
    const above = values + pitch * (y - 1) + <usize>(x - 1) * 4;
    const medians = at - ROW - 4;
    // where single precision has no number for the sum, nothing is said against the sample
    if (areValid(above, pitch, medians)) return !(<f64>mostAround(above, pitch, medians, r) <= 9 * least);
  }
  const mean = meanAround(values, pitch, x, y, columns, rows, scratch);
  return (r > 0 ? mean : -mean) > least;
}

/** Rounding of single precision takes no more than this share of what is added up, of which it takes 7 times 2^-24. */
const ROUNDING: f32 = 1e-6;

/** Whether the first three samples of three rows, and their medians, are there. */
// @ts-ignore: decorator
@inline
function areValid(values: usize, pitch: usize, medians: usize): bool {
  const limit = f32x4.splat(BLANK_LIMIT);
  const first = areBoth(v128.load(values), v128.load(medians, MEDIAN), limit);
  const second = areBoth(v128.load(values + pitch), v128.load(medians + ROW, MEDIAN), limit);
  const third = areBoth(v128.load(values + 2 * pitch), v128.load(medians + 2 * ROW, MEDIAN), limit);
  return (i32x4.bitmask(v128.and(v128.and(first, second), third)) & 7) == 7;
}

// @ts-ignore: decorator
@inline
function areBoth(value: v128, median: v128, limit: v128): v128 {
  return v128.and(f32x4.gt(value, limit), f32x4.gt(median, limit));
}

/** No less than the sum of the residuals of three samples of three rows, to the side of `r`. */
// @ts-ignore: decorator
@inline
function mostAround(values: usize, pitch: usize, medians: usize, r: f32): f32 {
  const magnitude = i32x4.splat(0x7fffffff);
  const first = f32x4.sub(v128.load(values), v128.load(medians, MEDIAN));
  const second = f32x4.sub(v128.load(values + pitch), v128.load(medians + ROW, MEDIAN));
  const third = f32x4.sub(v128.load(values + 2 * pitch), v128.load(medians + 2 * ROW, MEDIAN));
  const sizes = f32x4.add(f32x4.add(v128.and(first, magnitude), v128.and(second, magnitude)), v128.and(third, magnitude));
  // its sign by its bit: either is as likely, and a branch could not be foretold
  const side = v128.andnot(f32x4.splat(r), magnitude);
  const sum = v128.xor(f32x4.add(f32x4.add(first, second), third), side);
  return firstThree(f32x4.add(sum, f32x4.mul(f32x4.splat(ROUNDING), sizes)));
}

// @ts-ignore: decorator
@inline
function firstThree(v: v128): f32 {
  return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + f32x4.extract_lane(v, 2);
}

/** Mean of the residuals of the valid samples at (x, y) of the block and around it. */
function meanAround(values: usize, pitch: usize, x: u32, y: u32, columns: u32, rows: u32, scratch: usize): f64 {
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
  return sum / count;
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
  const mean = meanAround(values, pitch, x, y, columns, rows, scratch);
  return (r > 0 ? mean : -mean) > <f64>GUARD_AROUND * limit;
}

/** Step of the median to that of the pixel at `q`; 0 where it is blank there. */
// @ts-ignore: decorator
@inline
function stepTo(m: f64, q: usize): f64 {
  const mq = <f64>load<f32>(q, MEDIAN);
  return mq > BLANK_LIMIT ? Math.abs(m - mq) : 0;
}

/** The contract's word on a sample at (x, y) of the block whose pixel has two. */
function goesOfTwo(
  values: usize,
  pitch: usize,
  x: u32,
  y: u32,
  columns: u32,
  rows: u32,
  weight: f32,
  scratch: usize,
): bool {
  const at = scratch + ROW * y + <usize>x * 4;
  const v = <f64>load<f32>(values + pitch * y + <usize>x * 4);
  const other = 2 * <f64>load<f32>(at, MEDIAN) - v;
  const r = v - other;
  const size = Math.abs(r);
  const variance = 1 / <f64>weight;
  const ofOther = 1 / (<f64>load<f32>(at, WEIGHT) - <f64>weight);
  const noise = <f64>PAIR_KAPPA * Math.sqrt(variance + ofOther);
  const kappa = <f64>(r > 0 ? guardHigh : guardLow);
  if (!(size > <f64>GUARD_NEAR * kappa * noise)) return false;
  let d: f64 = 0;
  let own: f64 = 0;
  let sum: f64 = 0;
  let count: f64 = 0;
  for (let qy = y > 0 ? y - 1 : y; qy < min(rows, y + 2); qy++) {
    for (let qx = x > 0 ? x - 1 : x; qx < min(columns, x + 2); qx++) {
      const q = scratch + ROW * qy + <usize>qx * 4;
      const vq = <f64>load<f32>(values + pitch * qy + <usize>qx * 4);
      if (load<u32>(q, USED) != 2 || !(vq > BLANK_LIMIT)) continue;
      const otherQ = 2 * <f64>load<f32>(q, MEDIAN) - vq;
      if (qx == x || qy == y) {
        d = max(d, Math.abs(other - otherQ));
        own = max(own, Math.abs(v - vq));
      }
      sum += vq - otherQ;
      count += 1;
    }
  }
  const around = r > 0 ? sum / count : -sum / count;
  if (!isBeyond(size, around, kappa * noise + slack(d, ofOther))) return false;
  return r > 0 || !isBeyond(size, around, <f64>guardHigh * noise + slack(own, variance));
}

// @ts-ignore: decorator
@inline
function isBeyond(size: f64, around: f64, limit: f64): bool {
  return size > limit || (size > <f64>GUARD_NEAR * limit && around > <f64>GUARD_AROUND * limit);
}

/** What a sample of a pair may be off beside noise, where the steps of the other one, of this variance, go up to `step`. */
// @ts-ignore: decorator
@inline
function slack(step: f64, variance: f64): f64 {
  return <f64>pairSlope * max(<f64>0, step - <f64>PAIR_STEP_NOISE * <f64>GUARD_STEP_NOISE * Math.sqrt(variance));
}

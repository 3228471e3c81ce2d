// Kernel guard-few (src/compute/contracts/guard-few.ts); units are blocks of the planes one after the other, which do not see each other, so that calls for
// one slot after another are done block by block: what is the same for all slots is worked out once. Four samples at a time are moved where none comes
// near its limit, which holds for nearly all; the others are looked at one by one.
import {
  BLANK_LIMIT,
  BLANK_VALUE,
  BLOCK_SIZE,
  GUARD_AROUND,
  GUARD_NEAR,
  GUARD_STEP_NOISE,
  GuardFewJob as Job,
  MEDIAN_VARIANCE,
} from './layout';

/** Rounding of single precision can hide no sample from the closer look: limits of the first are lower by this part. */
const LOWER: f32 = 0.9999;
/** Bytes of a row of the scratch, and of its first half: how far a sample may be off by the slope of the median; behind it, the variance of the median. */
const ROW: usize = BLOCK_SIZE * 4;
const HALF: usize = ROW * BLOCK_SIZE;

export function guardFew(job: usize, from: u32, to: u32, scratch: usize): void {
  const columns = (Job.width(job) + BLOCK_SIZE - 1) / BLOCK_SIZE;
  const blocks = ((Job.height(job) + BLOCK_SIZE - 1) / BLOCK_SIZE) * columns;
  const first = Job.slot(job);
  for (let unit = from; unit < to; unit++) {
    const block = unit % blocks;
    const x0 = (block % columns) * BLOCK_SIZE;
    const y0 = (block / columns) * BLOCK_SIZE;
    prepareBlock(job, unit / blocks, x0, y0, scratch);
    for (let k: u32 = 0; k < Job.calls(job); k++) guardBlock(job, first + k, unit / blocks, x0, y0, scratch);
  }
}

/** Fills the scratch for a block of plane `c`; infinite where no sample may go. */
function prepareBlock(job: usize, c: u32, x0: u32, y0: u32, scratch: usize): void {
  const width = Job.width(job);
  const row = <usize>width * 4;
  const plane = <usize>c * row * Job.height(job);
  const endX = min(x0 + BLOCK_SIZE, width);
  const endY = min(y0 + BLOCK_SIZE, Job.height(job));
  const part = f32x4.splat(LOWER * GUARD_NEAR * Job.slope(job));
  const blank = f32x4.splat(BLANK_LIMIT);
  const noise = f32x4.splat(GUARD_STEP_NOISE);
  const factor = f32x4.splat(MEDIAN_VARIANCE);
  const three = i32x4.splat(3);
  const most = i32x4.splat(Job.maxSamples(job));
  for (let y = y0; y < endY; y++) {
    const target = scratch + ROW * (y - y0);
    let at = plane + (<usize>y * width + x0) * 4;
    for (let x = x0; x < endX; x += 4) {
      const to = target + (x - x0) * 4;
      const median = Job.median_at(job) + at;
      if (x + 4 > endX) {
        for (let k: u32 = 0; x + k < endX; k++) prepareOne(job, plane / 4, x + k, y, x0, y0, to + k * 4);
        break;
      }
      const m = v128.load(median);
      const n = v128.load(Job.used_at(job) + at);
      const variance = f32x4.div(factor, v128.load(Job.weight_at(job) + at));
      let d = stepsTo(m, y > y0 ? v128.load(median - row) : m, blank);
      d = f32x4.max(d, stepsTo(m, y + 1 < endY ? v128.load(median + row) : m, blank));
      d = f32x4.max(d, stepsTo(m, leftOf(median, m, x > x0), blank));
      d = f32x4.max(d, stepsTo(m, rightOf(median, m, x + 4 < endX), blank));
      const beyond = f32x4.max(f32x4.splat(0), f32x4.sub(d, f32x4.mul(noise, f32x4.sqrt(variance))));
      const may = v128.and(v128.and(i32x4.ge_u(n, three), i32x4.le_u(n, most)), f32x4.gt(m, blank));
      v128.store(to, v128.bitselect(f32x4.mul(part, beyond), f32x4.splat(Infinity), may));
      v128.store(to, variance, HALF);
      at += 16;
    }
  }
}

/** The same for one pixel, behind the last four of a row; `plane` in pixels. */
function prepareOne(job: usize, plane: usize, x: u32, y: u32, x0: u32, y0: u32, to: usize): void {
  const width = Job.width(job);
  const medians = Job.median_at(job) + plane * 4;
  const i = <usize>y * width + x;
  const n = load<u32>(Job.used_at(job) + (plane + i) * 4);
  const m = load<f32>(medians + i * 4);
  const w = load<f32>(Job.weight_at(job) + (plane + i) * 4);
  const down = y + 1 < min(y0 + BLOCK_SIZE, Job.height(job));
  const d = steepest(medians, i, m, x > x0, x + 1 < min(x0 + BLOCK_SIZE, width), y > y0, down, width);
  const may = n >= 3 && n <= Job.maxSamples(job) && m > BLANK_LIMIT;
  const part = LOWER * GUARD_NEAR * Job.slope(job);
  store<f32>(to, may ? part * <f32>beyondNoise(d, <f64>MEDIAN_VARIANCE / <f64>w) : Infinity);
  store<f32>(to + HALF, MEDIAN_VARIANCE / w);
}

/** The vector one column before; where there is none in the block, the first lane stands for its neighbour. */
// @ts-ignore: decorator
@inline
function leftOf(at: usize, own: v128, inside: bool): v128 {
  return inside ? v128.load(at - 4) : v128.shuffle<f32>(own, own, 0, 0, 1, 2);
}

// @ts-ignore: decorator
@inline
function rightOf(at: usize, own: v128, inside: bool): v128 {
  return inside ? v128.load(at, 4) : v128.shuffle<f32>(own, own, 1, 2, 3, 3);
}

// @ts-ignore: decorator
@inline
function stepsTo(m: v128, q: v128, blank: v128): v128 {
  return v128.and(f32x4.abs(f32x4.sub(m, q)), f32x4.gt(q, blank));
}

/** Moves a block of plane `c` from the next slot to `slot`. */
function guardBlock(job: usize, slot: u32, c: u32, x0: u32, y0: u32, scratch: usize): void {
  const width = Job.width(job);
  const pixels = <usize>width * Job.height(job);
  const planes = Job.planes(job);
  const endX = min(x0 + BLOCK_SIZE, width);
  const endY = min(y0 + BLOCK_SIZE, Job.height(job));
  const blank = f32x4.splat(BLANK_LIMIT);
  const zero = f32x4.splat(0);
  const nearLow = f32x4.splat(LOWER * GUARD_NEAR * Job.kappaLow(job));
  const nearHigh = f32x4.splat(LOWER * GUARD_NEAR * Job.kappaHigh(job));
  const variance = f32x4.splat(1 / load<f32>(Job.frame_weights_at(job) + (<usize>slot * planes + c) * 4));
  const source = Job.cube_at(job) + ((<usize>slot + 1) * planes + c) * pixels * 4;
  const target = source - planes * pixels * 4;
  const medians = Job.median_at(job) + c * pixels * 4;
  for (let y = y0; y < endY; y++) {
    const row = scratch + ROW * (y - y0);
    const up: usize = y > y0 ? <usize>width * 4 : 0;
    const down: usize = y + 1 < endY ? <usize>width * 4 : 0;
    let x = x0;
    for (; x + 4 <= endX; x += 4) {
      const i = (<usize>y * width + x) * 4;
      const v = v128.load(source + i);
      v128.store(target + i, v);
      const valid = f32x4.gt(v, blank);
      // Most of a cell lies outside most of its frames.
      if (!v128.any_true(valid)) continue;
      const r = f32x4.sub(v, v128.load(medians + i));
      const at = row + (x - x0) * 4;
      const high = f32x4.gt(r, zero);
      const kappa = v128.bitselect(nearHigh, nearLow, high);
      const sum = f32x4.add(variance, v128.load(at, HALF));
      const slope = v128.load(at);
      const size = f32x4.abs(r);
      // |r| > slope + kappa sqrt(sum), without the root.
      const more = f32x4.sub(size, slope);
      const beyond = f32x4.gt(f32x4.mul(more, more), f32x4.mul(f32x4.mul(kappa, kappa), sum));
      const near = v128.and(v128.and(beyond, f32x4.gt(more, zero)), valid);
      if (!v128.any_true(near)) continue;
      // One in eight samples comes so near by noise alone; what lies around it shows of nearly all that they stay.
      const limit = f32x4.add(f32x4.mul(kappa, f32x4.sqrt(sum)), slope);
      const among = around(source + i, medians + i, up, down, x > x0, x + 4 < endX, high, limit);
      const whole = f32x4.mul(limit, f32x4.splat(1 / GUARD_NEAR));
      let rest = i32x4.bitmask(v128.and(near, v128.or(f32x4.gt(size, whole), among)));
      while (rest != 0) {
        const lane = <u32>ctz(rest);
        decide(job, slot, c, x + lane, y, source, target + i + lane * 4);
        rest &= rest - 1;
      }
    }
    for (; x < endX; x++) {
      const i = (<usize>y * width + x) * 4;
      const v = load<f32>(source + i);
      store<f32>(target + i, v);
      if (v > BLANK_LIMIT && load<f32>(row + (x - x0) * 4) < Infinity) decide(job, slot, c, x, y, source, target + i);
    }
  }
}

/** Relative error of float32 sums of nine terms, with room to spare. */
const SUM_ERROR: f32 = 1e-5;

// @ts-ignore: decorator
@inline
function bothValid(v: v128, m: v128, allowed: v128): v128 {
  const limit = f32x4.splat(BLANK_LIMIT);
  return v128.and(v128.and(f32x4.gt(v, limit), f32x4.gt(m, limit)), allowed);
}

/**
 * Of four samples, those whose surroundings may stand out with them; none that do is missed. `limit` is GUARD_NEAR of theirs, lowered; `up` and `down`
 * are bytes to the next row, 0 where the block has none; so are `left` and `right` false.
 */
function around(
  source: usize,
  median: usize,
  up: usize,
  down: usize,
  left: bool,
  right: bool,
  high: v128,
  limit: v128,
): v128 {
  const all = i32x4.splat(-1);
  const lefts = left ? all : i32x4(0, -1, -1, -1);
  const rights = right ? all : i32x4(-1, -1, -1, 0);
  const step = max(up, down);
  let sum = f32x4.splat(0);
  let size = sum;
  let count = i32x4.splat(0);
  let at = median - up;
  const end = source + down;
  for (let from = source - up; from <= end; from += step) {
    const v = v128.load(from);
    const m = v128.load(at);
    const own = bothValid(v, m, all);
    const r = v128.and(f32x4.sub(v, m), own);
    const vLeft = leftOf(from, v, left);
    const mLeft = leftOf(at, m, left);
    const before = bothValid(vLeft, mLeft, lefts);
    const rBefore = v128.and(f32x4.sub(vLeft, mLeft), before);
    const vRight = rightOf(from, v, right);
    const mRight = rightOf(at, m, right);
    const behind = bothValid(vRight, mRight, rights);
    const rBehind = v128.and(f32x4.sub(vRight, mRight), behind);
    sum = f32x4.add(sum, f32x4.add(r, f32x4.add(rBefore, rBehind)));
    size = f32x4.add(size, f32x4.add(f32x4.abs(r), f32x4.add(f32x4.abs(rBefore), f32x4.abs(rBehind))));
    count = i32x4.sub(count, i32x4.add(own, i32x4.add(before, behind)));
    at += step;
    // A block of one row.
    if (step == 0) break;
  }
  const side = v128.bitselect(sum, f32x4.neg(sum), high);
  const most = f32x4.add(side, f32x4.mul(size, f32x4.splat(SUM_ERROR)));
  const least = f32x4.mul(f32x4.mul(limit, f32x4.splat(GUARD_AROUND / GUARD_NEAR)), f32x4.convert_i32x4_s(count));
  return f32x4.gt(most, least);
}

/** Blanks the sample at (x, y), already moved to `target`, and counts it where it stands alone. */
function decide(job: usize, slot: u32, c: u32, x: u32, y: u32, source: usize, target: usize): void {
  const width = Job.width(job);
  const plane = <usize>c * width * Job.height(job);
  const i = <usize>y * width + x;
  const at = (plane + i) * 4;
  const low = Job.rejected_low_at(job) + at;
  const high = Job.rejected_high_at(job) + at;
  const gone: u32 = 2 * (load<u32>(low) + load<u32>(high) + 1);
  if (gone >= load<u32>(Job.used_at(job) + at)) return;
  const medians = Job.median_at(job) + plane * 4;
  const m = <f64>load<f32>(medians + i * 4);
  if (!(m > BLANK_LIMIT)) return;
  const r = <f64>load<f32>(source + i * 4) - m;
  const x0 = x - (x % BLOCK_SIZE);
  const y0 = y - (y % BLOCK_SIZE);
  const endX = min(min(x0 + BLOCK_SIZE, width), x + 2);
  const endY = min(min(y0 + BLOCK_SIZE, Job.height(job)), y + 2);
  const d = steepest(medians, i, m, x > x0, x + 1 < endX, y > y0, y + 1 < endY, width);
  const w = <f64>load<f32>(Job.frame_weights_at(job) + (<usize>slot * Job.planes(job) + c) * 4);
  const kappa = <f64>(r > 0 ? Job.kappaHigh(job) : Job.kappaLow(job));
  const variance = <f64>MEDIAN_VARIANCE / <f64>load<f32>(Job.weight_at(job) + at);
  const limit = kappa * Math.sqrt(1 / w + variance) + <f64>Job.slope(job) * beyondNoise(d, variance);
  const size = Math.abs(r);
  if (!(size > <f64>GUARD_NEAR * limit)) return;
  let goes = size > limit;
  if (!goes) {
    let sum: f64 = 0;
    let count: f64 = 0;
    for (let qy = y > y0 ? y - 1 : y; qy < endY; qy++) {
      for (let qx = x > x0 ? x - 1 : x; qx < endX; qx++) {
        const q = (<usize>qy * width + qx) * 4;
        const mq = <f64>load<f32>(medians + q);
        const vq = <f64>load<f32>(source + q);
        if (!(mq > BLANK_LIMIT && vq > BLANK_LIMIT)) continue;
        sum += vq - mq;
        count += 1;
      }
    }
    goes = (r > 0 ? sum : -sum) / count > <f64>GUARD_AROUND * limit;
  }
  if (goes) {
    store<f32>(target, BLANK_VALUE);
    const counter = r > 0 ? high : low;
    store<u32>(counter, load<u32>(counter) + 1);
  }
}

/** What of a step d between medians of this variance is more than noise. */
// @ts-ignore: decorator
@inline
function beyondNoise(d: f64, variance: f64): f64 {
  return max(<f64>0, d - <f64>GUARD_STEP_NOISE * Math.sqrt(variance));
}

/** Greatest step of the median from pixel i to those of its direct neighbours that lie in its block. */
// @ts-ignore: decorator
@inline
function steepest(medians: usize, i: usize, m: f64, left: bool, right: bool, up: bool, down: bool, width: usize): f64 {
  // A neighbour outside the block counts as the pixel itself, which adds nothing.
  const across = max(stepTo(medians, m, left ? i - 1 : i), stepTo(medians, m, right ? i + 1 : i));
  const along = max(stepTo(medians, m, up ? i - width : i), stepTo(medians, m, down ? i + width : i));
  return max(across, along);
}

/** Step of the median from a pixel where it is m to pixel q; 0 where it is blank there. */
// @ts-ignore: decorator
@inline
function stepTo(medians: usize, m: f64, q: usize): f64 {
  const mq = <f64>load<f32>(medians + q * 4);
  return mq > BLANK_LIMIT ? Math.abs(m - mq) : 0;
}

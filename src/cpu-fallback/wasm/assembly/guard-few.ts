// Kernel guard-few (src/compute/contracts/guard-few.ts); units are groups of blocks of the planes one after the other, which do not see each other, so that
// calls for one slot after another are done unit by unit: what is the same for all slots is worked out once. Four samples at a time are moved where none
// comes near its limit, which holds for nearly all; the others are looked at one by one.
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
/** Blocks of a unit, side by side: longer pieces of rows, of which memory has more at a time. */
const GROUP: u32 = 4;
const GROUP_PIXELS: u32 = GROUP * BLOCK_SIZE;
/** Bytes of a row of the scratch, and of its first part: how far a sample may be off by the slope of the median; behind it, the variance of the median. */
const ROW: usize = GROUP_PIXELS * 4;
const HALF: usize = ROW * BLOCK_SIZE;
/** Behind these, for three rows each block's residuals with four zeros on either side; then the same with 1 where there is one. */
const RESIDUALS: usize = 2 * HALF;
const PAD: usize = 16;
const RING_BLOCK: usize = BLOCK_SIZE * 4 + 2 * PAD;
const RING_ROW: usize = GROUP * RING_BLOCK;
const COUNTS: usize = 3 * RING_ROW;

export function guardFew(job: usize, from: u32, to: u32, scratch: usize): void {
  const columns = (Job.width(job) + GROUP_PIXELS - 1) / GROUP_PIXELS;
  const groups = ((Job.height(job) + BLOCK_SIZE - 1) / BLOCK_SIZE) * columns;
  const first = Job.slot(job);
  for (let unit = from; unit < to; unit++) {
    const group = unit % groups;
    const x0 = (group % columns) * GROUP_PIXELS;
    const y0 = (group / columns) * BLOCK_SIZE;
    const endX = min(x0 + GROUP_PIXELS, Job.width(job));
    memory.fill(scratch + RESIDUALS, 0, 2 * COUNTS);
    let any = false;
    for (let x = x0; x < endX; x += BLOCK_SIZE) {
      if (prepareBlock(job, unit / groups, x, y0, scratch + (x - x0) * 4)) any = true;
    }
    for (let k: u32 = 0; k < Job.calls(job); k++) {
      if (!any) moveGroup(job, first + k, unit / groups, x0, y0);
      else {
        for (let x = x0; x < endX; x += BLOCK_SIZE) {
          const block = (x - x0) / BLOCK_SIZE;
          const ring = scratch + RESIDUALS + block * RING_BLOCK + PAD;
          guardBlock(job, first + k, unit / groups, x, y0, scratch + (x - x0) * 4, ring);
        }
      }
    }
  }
}

/** Moves the samples of a group, none of which may go, from the next slot to `slot`. */
function moveGroup(job: usize, slot: u32, c: u32, x0: u32, y0: u32): void {
  const width = Job.width(job);
  const plane = <usize>width * Job.height(job) * 4;
  const source = Job.cube_at(job) + ((<usize>slot + 1) * Job.planes(job) + c) * plane;
  const bytes = <usize>(min(x0 + GROUP_PIXELS, width) - x0) * 4;
  const endY = min(y0 + BLOCK_SIZE, Job.height(job));
  for (let y = y0; y < endY; y++) {
    const at = source + (<usize>y * width + x0) * 4;
    memory.copy(at - Job.planes(job) * plane, at, bytes);
  }
}

/** Fills the scratch for a block of plane `c`, infinite where no sample may go; false where none may go at all. */
function prepareBlock(job: usize, c: u32, x0: u32, y0: u32, scratch: usize): bool {
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
  let any = i32x4.splat(0);
  for (let y = y0; y < endY; y++) {
    const target = scratch + ROW * (y - y0);
    let at = plane + (<usize>y * width + x0) * 4;
    for (let x = x0; x < endX; x += 4) {
      const to = target + (x - x0) * 4;
      const median = Job.median_at(job) + at;
      if (x + 4 > endX) {
        // Too few to be worth a look at whether one of them may go.
        any = i32x4.splat(-1);
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
      any = v128.or(any, may);
      v128.store(to, v128.bitselect(f32x4.mul(part, beyond), f32x4.splat(Infinity), may));
      v128.store(to, variance, HALF);
      at += 16;
    }
  }
  return v128.any_true(any);
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

/** Moves a block of plane `c` from the next slot to `slot`. `ring` is the block's part of its first row. */
function guardBlock(job: usize, slot: u32, c: u32, x0: u32, y0: u32, scratch: usize, ring: usize): void {
  const width = Job.width(job);
  const pixels = <usize>width * Job.height(job);
  const planes = Job.planes(job);
  const columns = min(x0 + BLOCK_SIZE, width) - x0;
  const endY = min(y0 + BLOCK_SIZE, Job.height(job));
  const zero = f32x4.splat(0);
  const nearLow = f32x4.splat(LOWER * GUARD_NEAR * Job.kappaLow(job));
  const nearHigh = f32x4.splat(LOWER * GUARD_NEAR * Job.kappaHigh(job));
  const variance = f32x4.splat(1 / load<f32>(Job.frame_weights_at(job) + (<usize>slot * planes + c) * 4));
  const source = Job.cube_at(job) + ((<usize>slot + 1) * planes + c) * pixels * 4;
  const target = source - planes * pixels * 4;
  const medians = Job.median_at(job) + c * pixels * 4;
  // The rows of the ring by their age: above, own, below.
  let up = ring + 2 * RING_ROW;
  let own = ring;
  let down = ring + RING_ROW;
  let at = (<usize>y0 * width + x0) * 4;
  clearRow(up);
  let any = fillRow(source + at, target + at, medians + at, own, columns);
  for (let y = y0; y < endY; y++) {
    const next = at + width * 4;
    let anyBelow = false;
    if (y + 1 < endY) anyBelow = fillRow(source + next, target + next, medians + next, down, columns);
    else clearRow(down);
    const row = scratch + ROW * (y - y0);
    // Most of a cell lies outside most of its frames.
    const whole: u32 = any ? columns & ~3 : 0;
    for (let i: u32 = 0; i < whole; i += 4) {
      const r = v128.load(own + i * 4);
      const high = f32x4.gt(r, zero);
      const kappa = v128.bitselect(nearHigh, nearLow, high);
      const sum = f32x4.add(variance, v128.load(row + i * 4, HALF));
      const slope = v128.load(row + i * 4);
      const size = f32x4.abs(r);
      // |r| > slope + kappa sqrt(sum), without the root; no residual is 0, which is beyond nothing.
      const more = f32x4.sub(size, slope);
      const beyond = f32x4.gt(f32x4.mul(more, more), f32x4.mul(f32x4.mul(kappa, kappa), sum));
      const near = v128.and(beyond, f32x4.gt(more, zero));
      if (!v128.any_true(near)) continue;
      // One in eight samples comes so near by noise alone; what lies around it shows of nearly all that they stay.
      const limit = f32x4.add(f32x4.mul(kappa, f32x4.sqrt(sum)), slope);
      const among = around(up + i * 4, own + i * 4, down + i * 4, high, limit);
      const far = f32x4.mul(limit, f32x4.splat(1 / GUARD_NEAR));
      let rest = i32x4.bitmask(v128.and(near, v128.or(f32x4.gt(size, far), among)));
      while (rest != 0) {
        const lane = <u32>ctz(rest);
        decide(job, slot, c, x0 + i + lane, y, source, target + at + (i + lane) * 4);
        rest &= rest - 1;
      }
    }
    for (let i = columns & ~3; i < columns; i++) {
      if (load<f32>(own + i * 4, COUNTS) > 0 && load<f32>(row + i * 4) < Infinity)
        decide(job, slot, c, x0 + i, y, source, target + at + i * 4);
    }
    const oldest = up;
    up = own;
    own = down;
    down = oldest;
    any = anyBelow;
    at = next;
  }
}

function clearRow(row: usize): void {
  memory.fill(row, 0, BLOCK_SIZE * 4);
  memory.fill(row + COUNTS, 0, BLOCK_SIZE * 4);
}

/** Moves a row of a block, and keeps its residuals from the median and where there are any in `row`; false when there are none. */
function fillRow(source: usize, target: usize, median: usize, row: usize, columns: u32): bool {
  const blank = f32x4.splat(BLANK_LIMIT);
  const one = f32x4.splat(1);
  let any = i32x4.splat(0);
  let i: u32 = 0;
  for (; i + 4 <= columns; i += 4) {
    const v = v128.load(source + i * 4);
    v128.store(target + i * 4, v);
    const m = v128.load(median + i * 4);
    const valid = v128.and(f32x4.gt(v, blank), f32x4.gt(m, blank));
    any = v128.or(any, valid);
    v128.store(row + i * 4, v128.and(f32x4.sub(v, m), valid));
    v128.store(row + i * 4, v128.and(one, valid), COUNTS);
  }
  let tail = false;
  for (; i < columns; i++) {
    const v = load<f32>(source + i * 4);
    store<f32>(target + i * 4, v);
    const m = load<f32>(median + i * 4);
    const valid = v > BLANK_LIMIT && m > BLANK_LIMIT;
    store<f32>(row + i * 4, valid ? v - m : 0);
    store<f32>(row + i * 4, valid ? 1 : 0, COUNTS);
    tail = tail || valid;
  }
  return tail || v128.any_true(any);
}

/** Relative error of float32 sums of nine terms, with room to spare. */
const SUM_ERROR: f32 = 1e-5;

/** Of four samples, those whose surroundings may stand out with them; none that do is missed. `limit` is GUARD_NEAR of theirs, lowered. */
// @ts-ignore: decorator
@inline
function around(up: usize, own: usize, down: usize, high: v128, limit: v128): v128 {
  const a = v128.load(up - 4);
  const b = v128.load(up);
  const c = v128.load(up, 4);
  const d = v128.load(own - 4);
  const e = v128.load(own);
  const f = v128.load(own, 4);
  const g = v128.load(down - 4);
  const h = v128.load(down);
  const k = v128.load(down, 4);
  const sum = sumOfNine(a, b, c, d, e, f, g, h, k);
  const size = sumOfNine(
    f32x4.abs(a),
    f32x4.abs(b),
    f32x4.abs(c),
    f32x4.abs(d),
    f32x4.abs(e),
    f32x4.abs(f),
    f32x4.abs(g),
    f32x4.abs(h),
    f32x4.abs(k),
  );
  const count = sumOfNine(
    v128.load(up - 4, COUNTS),
    v128.load(up, COUNTS),
    v128.load(up, COUNTS + 4),
    v128.load(own - 4, COUNTS),
    v128.load(own, COUNTS),
    v128.load(own, COUNTS + 4),
    v128.load(down - 4, COUNTS),
    v128.load(down, COUNTS),
    v128.load(down, COUNTS + 4),
  );
  const side = v128.bitselect(sum, f32x4.neg(sum), high);
  const most = f32x4.add(side, f32x4.mul(size, f32x4.splat(SUM_ERROR)));
  const least = f32x4.mul(f32x4.mul(limit, f32x4.splat(GUARD_AROUND / GUARD_NEAR)), count);
  return f32x4.gt(most, least);
}

// @ts-ignore: decorator
@inline
function sumOfNine(
  a: v128,
  b: v128,
  c: v128,
  d: v128,
  e: v128,
  f: v128,
  g: v128,
  h: v128,
  k: v128,
): v128 {
  const first = f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
  return f32x4.add(f32x4.add(first, f32x4.add(f32x4.add(e, f), f32x4.add(g, h))), k);
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

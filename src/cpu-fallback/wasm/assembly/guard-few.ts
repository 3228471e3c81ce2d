// Kernel guard-few (src/compute/contracts/guard-few.ts); units are rows of the planes one after the other. Four samples at a time are moved where none
// comes near its limit, which holds for most; the others are looked at one by one.
import {
  BLANK_LIMIT,
  BLANK_VALUE,
  BLOCK_SIZE,
  GUARD_AROUND,
  GUARD_NEAR,
  GuardFewJob as Job,
  MEDIAN_VARIANCE,
} from './layout';

export function guardFew(job: usize, from: u32, to: u32, _scratch: usize): void {
  const width = Job.width(job);
  const height = Job.height(job);
  const pixels = <usize>width * height;
  const planes = Job.planes(job);
  const limit = f32x4.splat(BLANK_LIMIT);
  const medianVariance = f32x4.splat(MEDIAN_VARIANCE);
  const most = i32x4.splat(<i32>Job.maxSamples(job));
  const three = i32x4.splat(3);
  const nearLow = f32x4.splat(-GUARD_NEAR * Job.kappaLow(job));
  const nearHigh = f32x4.splat(GUARD_NEAR * Job.kappaHigh(job));
  for (let unit = from; unit < to; unit++) {
    const c = unit / height;
    const y = unit % height;
    const row = <usize>y * width;
    const source = Job.cube_at(job) + ((<usize>Job.slot(job) + 1) * planes + c) * pixels * 4;
    const target = source - planes * pixels * 4 + row * 4;
    const plane = (c * pixels + row) * 4;
    const variance = f32x4.splat(1 / load<f32>(Job.frame_weights_at(job) + (<usize>Job.slot(job) * planes + c) * 4));
    let x: u32 = 0;
    for (; x + 4 <= width; x += 4) {
      const at = plane + x * 4;
      const v = v128.load(source + (row + x) * 4);
      v128.store(target + x * 4, v);
      const valid = f32x4.gt(v, limit);
      // Most of a cell lies outside most of its frames.
      if (!v128.any_true(valid)) continue;
      const n = v128.load(Job.used_at(job) + at);
      const r = f32x4.sub(v, v128.load(Job.median_at(job) + at));
      const sigma = f32x4.sqrt(f32x4.add(variance, f32x4.div(medianVariance, v128.load(Job.weight_at(job) + at))));
      const near = v128.or(f32x4.gt(r, f32x4.mul(nearHigh, sigma)), f32x4.lt(r, f32x4.mul(nearLow, sigma)));
      const few = v128.and(i32x4.ge_s(n, three), i32x4.le_s(n, most));
      const looked = v128.and(v128.and(near, few), valid);
      let rest = i32x4.bitmask(looked);
      while (rest != 0) {
        const lane = <u32>ctz(rest);
        decide(job, c, x + lane, y, source, target + (x + lane) * 4);
        rest &= rest - 1;
      }
    }
    for (; x < width; x++) {
      const v = load<f32>(source + (row + x) * 4);
      const n = load<u32>(Job.used_at(job) + plane + x * 4);
      store<f32>(target + x * 4, v);
      if (n >= 3 && n <= Job.maxSamples(job) && v > BLANK_LIMIT) decide(job, c, x, y, source, target + x * 4);
    }
  }
}

/** Blanks the sample at (x, y), already moved to `target`, and counts it where it stands alone. */
function decide(job: usize, c: u32, x: u32, y: u32, source: usize, target: usize): void {
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
  let d: f64 = 0;
  let sum: f64 = 0;
  let count: f64 = 0;
  for (let qy = y > y0 ? y - 1 : y; qy < endY; qy++) {
    for (let qx = x > x0 ? x - 1 : x; qx < endX; qx++) {
      const q = (<usize>qy * width + qx) * 4;
      const mq = <f64>load<f32>(medians + q);
      if (!(mq > BLANK_LIMIT)) continue;
      if (qx == x || qy == y) d = max(d, Math.abs(m - mq));
      const vq = <f64>load<f32>(source + q);
      if (!(vq > BLANK_LIMIT)) continue;
      sum += vq - mq;
      count += 1;
    }
  }
  const w = <f64>load<f32>(Job.frame_weights_at(job) + (<usize>Job.slot(job) * Job.planes(job) + c) * 4);
  const kappa = <f64>(r > 0 ? Job.kappaHigh(job) : Job.kappaLow(job));
  const variance = 1 / w + <f64>MEDIAN_VARIANCE / <f64>load<f32>(Job.weight_at(job) + at);
  const limit = kappa * Math.sqrt(variance) + <f64>Job.slope(job) * d;
  const size = Math.abs(r);
  const around = (r > 0 ? sum : -sum) / count;
  if (size > limit || (size > <f64>GUARD_NEAR * limit && around > <f64>GUARD_AROUND * limit)) {
    store<f32>(target, BLANK_VALUE);
    const counter = r > 0 ? high : low;
    store<u32>(counter, load<u32>(counter) + 1);
  }
}

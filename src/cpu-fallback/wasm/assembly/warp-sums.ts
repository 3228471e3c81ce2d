// Sums over the taps of the pixels of a row whose taps are all inside the window, left as vectors for finishRow. Everything is taken about one tap, so
// that constant images stay exactly constant and float32 is enough.
import { WARP_BILINEAR, WARP_LANCZOS3, WarpJob as Job } from './layout';
import * as scratchOf from './warp-scratch';

/** Per plane and column: signed and absolute weighted sums about the central tap, and the minimum, as 4 lanes each. */
export function rowSums(job: usize, columns: u32, scratch: usize): void {
  const kernel = Job.kernel(job);
  if (kernel == WARP_LANCZOS3) lanczosSums(job, columns, scratch);
  else if (kernel == WARP_BILINEAR) bilinearSums(job, columns, scratch);
  else nearestSums(job, columns, scratch);
}

function lanczosSums(job: usize, columns: u32, scratch: usize): void {
  const planes = Job.planes(job);
  const row = <usize>Job.windowWidth(job) * 4;
  const size = row * Job.windowHeight(job);
  const image = Job.planes_at(job);
  const phases = Job.derived_at(job);
  const axis = scratch + scratchOf.AXIS;
  const upper = i32x4(0, 0, -1, -1);
  for (let i: usize = 0; i < columns; i++) {
    const list = scratch + i * 4;
    const tap = load<i32>(list, scratchOf.TAP);
    if (tap < 0) continue;
    const px = phases + load<u32>(list, scratchOf.PHASE_X);
    const py = phases + load<u32>(list, scratchOf.PHASE_Y);
    const rx = v128.load32_splat(list, scratchOf.REST_X);
    const ry = v128.load32_splat(list, scratchOf.REST_Y);
    const x0 = v128.load(px);
    const x1 = v128.load(px, 16);
    const y0 = v128.load(py);
    const y1 = v128.load(py, 16);
    const wx0 = f32x4.add(x0, f32x4.mul(f32x4.sub(v128.load(px, 32), x0), rx));
    const all = f32x4.add(x1, f32x4.mul(f32x4.sub(v128.load(px, 48), x1), rx));
    const wy0 = f32x4.add(y0, f32x4.mul(f32x4.sub(v128.load(py, 32), y0), ry));
    const wy1 = f32x4.add(y1, f32x4.mul(f32x4.sub(v128.load(py, 48), y1), ry));
    const sums = f32x4.mul(all, wy1);
    v128.store32_lane(list, sums, 0, scratchOf.WEIGHT);
    v128.store32_lane(list, sums, 1, scratchOf.MAGNITUDE);
    // The second vector of a row holds taps 2..5; the first two lanes are counted in the first vector.
    const wx1 = v128.and(all, upper);
    const ax0 = f32x4.abs(wx0);
    const ax1 = f32x4.abs(wx1);
    v128.store(axis, wy0);
    v128.store(axis, wy1, 16);
    let at = image + <usize>tap;
    let sum = scratch + scratchOf.SUMS;
    for (let c: u32 = 0; c < planes; c++) {
      const centre = v128.load32_splat(at + 2 * row, 8);
      v128.store32_lane(sum + i * 4, centre, 0);
      let p = at;
      let w = v128.load32_splat(axis);
      let d = f32x4.sub(v128.load(p), centre);
      let e = f32x4.sub(v128.load(p, 8), centre);
      let least = f32x4.pmin(d, e);
      let positive0 = f32x4.mul(d, w);
      let positive1 = f32x4.mul(e, w);
      // Rows 1 and 4 have negative weights.
      p += row;
      w = v128.load32_splat(axis, 4);
      d = f32x4.sub(v128.load(p), centre);
      e = f32x4.sub(v128.load(p, 8), centre);
      least = f32x4.pmin(least, f32x4.pmin(d, e));
      let negative0 = f32x4.mul(d, w);
      let negative1 = f32x4.mul(e, w);
      p += row;
      w = v128.load32_splat(axis, 8);
      d = f32x4.sub(v128.load(p), centre);
      e = f32x4.sub(v128.load(p, 8), centre);
      least = f32x4.pmin(least, f32x4.pmin(d, e));
      positive0 = f32x4.add(positive0, f32x4.mul(d, w));
      positive1 = f32x4.add(positive1, f32x4.mul(e, w));
      p += row;
      w = v128.load32_splat(axis, 12);
      d = f32x4.sub(v128.load(p), centre);
      e = f32x4.sub(v128.load(p, 8), centre);
      least = f32x4.pmin(least, f32x4.pmin(d, e));
      positive0 = f32x4.add(positive0, f32x4.mul(d, w));
      positive1 = f32x4.add(positive1, f32x4.mul(e, w));
      p += row;
      w = v128.load32_splat(axis, 24);
      d = f32x4.sub(v128.load(p), centre);
      e = f32x4.sub(v128.load(p, 8), centre);
      least = f32x4.pmin(least, f32x4.pmin(d, e));
      negative0 = f32x4.add(negative0, f32x4.mul(d, w));
      negative1 = f32x4.add(negative1, f32x4.mul(e, w));
      p += row;
      w = v128.load32_splat(axis, 28);
      d = f32x4.sub(v128.load(p), centre);
      e = f32x4.sub(v128.load(p, 8), centre);
      least = f32x4.pmin(least, f32x4.pmin(d, e));
      positive0 = f32x4.add(positive0, f32x4.mul(d, w));
      positive1 = f32x4.add(positive1, f32x4.mul(e, w));
      const signed = f32x4.add(
        f32x4.mul(f32x4.add(positive0, negative0), wx0),
        f32x4.mul(f32x4.add(positive1, negative1), wx1),
      );
      const magnitude = f32x4.add(
        f32x4.mul(f32x4.sub(positive0, negative0), ax0),
        f32x4.mul(f32x4.sub(positive1, negative1), ax1),
      );
      const target = sum + 256 + i * 48;
      v128.store(target, signed);
      v128.store(target, magnitude, 16);
      v128.store(target, least, 32);
      at += size;
      sum += scratchOf.SUMS_BYTES;
    }
  }
}

function bilinearSums(job: usize, columns: u32, scratch: usize): void {
  const planes = Job.planes(job);
  const row = <usize>Job.windowWidth(job) * 4;
  const size = row * Job.windowHeight(job);
  const image = Job.planes_at(job);
  for (let i: usize = 0; i < columns; i++) {
    const list = scratch + i * 4;
    const tap = load<i32>(list, scratchOf.TAP);
    if (tap < 0) continue;
    const fx = load<f32>(list, scratchOf.FRACTION_X);
    const fy = load<f32>(list, scratchOf.FRACTION_Y);
    const wx = f32x4(1 - fx, fx, 1 - fx, fx);
    const wy = f32x4(1 - fy, 1 - fy, fy, fy);
    const weights = f32x4.mul(wx, wy);
    store<f32>(list, 1, scratchOf.WEIGHT);
    store<f32>(list, 1, scratchOf.MAGNITUDE);
    let at = image + <usize>tap;
    let sum = scratch + scratchOf.SUMS;
    for (let c: u32 = 0; c < planes; c++) {
      const first = v128.load32_splat(at);
      v128.store32_lane(sum + i * 4, first, 0);
      const taps = v128.load64_lane(at + row, v128.load64_zero(at), 1);
      const d = f32x4.sub(taps, first);
      const weighted = f32x4.mul(d, weights);
      const target = sum + 256 + i * 48;
      v128.store(target, weighted);
      v128.store(target, weighted, 16);
      v128.store(target, d, 32);
      at += size;
      sum += scratchOf.SUMS_BYTES;
    }
  }
}

function nearestSums(job: usize, columns: u32, scratch: usize): void {
  const planes = Job.planes(job);
  const size = <usize>Job.windowWidth(job) * Job.windowHeight(job) * 4;
  const image = Job.planes_at(job);
  const zero = f32x4.splat(0);
  for (let i: usize = 0; i < columns; i++) {
    const list = scratch + i * 4;
    const tap = load<i32>(list, scratchOf.TAP);
    if (tap < 0) continue;
    store<f32>(list, 1, scratchOf.WEIGHT);
    store<f32>(list, 1, scratchOf.MAGNITUDE);
    let at = image + <usize>tap;
    let sum = scratch + scratchOf.SUMS;
    for (let c: u32 = 0; c < planes; c++) {
      store<f32>(sum + i * 4, load<f32>(at));
      const target = sum + 256 + i * 48;
      v128.store(target, zero);
      v128.store(target, zero, 16);
      v128.store(target, zero, 32);
      at += size;
      sum += scratchOf.SUMS_BYTES;
    }
  }
}

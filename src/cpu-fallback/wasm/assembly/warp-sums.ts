// Sums over the taps of the pixels of a row whose taps are all inside the window, left as vectors for finishRow. Everything is taken about one tap, so
// that constant images stay exactly constant and float32 is enough.
import { clampedValue, storeSums, weightsAt } from './lanczos-taps';
import { WARP_BILINEAR, WARP_LANCZOS3, WarpJob as Job } from './layout';
import * as scratchOf from './warp-scratch';

/** Per plane and column: weighted sums about the central tap, and the minimum (of Lanczos-3, that of some taps), as 4 lanes each. */
export function rowSums(job: usize, from: usize, to: usize, scratch: usize): void {
  const kernel = Job.kernel(job);
  if (kernel == WARP_LANCZOS3) lanczosSums(job, from, to, scratch);
  else if (kernel == WARP_BILINEAR) bilinearSums(job, from, to, scratch);
  else nearestSums(job, from, to, scratch);
}

/** Loops end below: in others the engine works out again, each time, what it needs from before them. */
function lanczosSums(job: usize, from: usize, to: usize, scratch: usize): void {
  const planes = Job.planes(job);
  const row = <usize>Job.windowWidth(job) * 4;
  const size = row * Job.windowHeight(job);
  const image = Job.planes_at(job);
  const phases = Job.lanczosPhases_at(job);
  let i = from;
  do {
    const list = scratch + i * 4;
    const tap = load<i32>(list, scratchOf.TAP);
    if (tap < 0) continue;
    const px = phases + load<u32>(list, scratchOf.PHASE_X);
    const py = phases + load<u32>(list, scratchOf.PHASE_Y);
    const rx = v128.load32_splat(list, scratchOf.REST_X);
    const ry = v128.load32_splat(list, scratchOf.REST_Y);
    const wx = weightsAt(px, rx);
    const wx1 = weightsAt(px + 16, rx);
    const wy = weightsAt(py, ry);
    const wy1 = weightsAt(py + 16, ry);
    v128.store32_lane(list, f32x4.mul(wx1, wy1), 0, scratchOf.WEIGHT);
    let p = image + <usize>tap;
    let sum = scratch + scratchOf.SUMS;
    let c: u32 = 0;
    do {
      const centre = v128.load32_splat(p + 2 * row, 8);
      v128.store32_lane(sum + i * 4, centre, 0);
      storeSums(p, row, wx, wx1, wy, wy1, centre, sum + 256 + i * 48);
      p += size;
      sum += scratchOf.SUMS_BYTES;
    } while (++c < planes);
  } while (++i < to);
}

/** Values of plane `c` at the columns of `lanes`, from column `i` on, one by one and clamped; `values` at all others. */
export function clampedValues(job: usize, c: u32, i: usize, lanes: i32, values: v128, scratch: usize): v128 {
  const row = <usize>Job.windowWidth(job) * 4;
  const plane = Job.planes_at(job) + c * row * Job.windowHeight(job);
  const phases = Job.lanczosPhases_at(job);
  const patch = scratch + i * 4 + scratchOf.VALUE;
  v128.store(patch, values);
  while (lanes != 0) {
    const lane = <usize>ctz(lanes);
    const list = scratch + (i + lane) * 4;
    const px = phases + load<u32>(list, scratchOf.PHASE_X);
    const py = phases + load<u32>(list, scratchOf.PHASE_Y);
    const rx = v128.load32_splat(list, scratchOf.REST_X);
    const ry = v128.load32_splat(list, scratchOf.REST_Y);
    const value = clampedValue(
      plane + load<u32>(list, scratchOf.TAP),
      row,
      weightsAt(px, rx),
      weightsAt(px + 16, rx),
      weightsAt(py, ry),
      weightsAt(py + 16, ry),
      scratch + scratchOf.WEIGHTS,
      Job.clampThreshold(job),
    );
    store<f32>(patch + lane * 4, value);
    lanes &= lanes - 1;
  }
  return v128.load(patch);
}

function bilinearSums(job: usize, from: usize, to: usize, scratch: usize): void {
  const planes = Job.planes(job);
  const row = <usize>Job.windowWidth(job) * 4;
  const size = row * Job.windowHeight(job);
  const image = Job.planes_at(job);
  for (let i = from; i < to; i++) {
    const list = scratch + i * 4;
    const tap = load<i32>(list, scratchOf.TAP);
    if (tap < 0) continue;
    const fx = load<f32>(list, scratchOf.FRACTION_X);
    const fy = load<f32>(list, scratchOf.FRACTION_Y);
    const wx = f32x4(1 - fx, fx, 1 - fx, fx);
    const wy = f32x4(1 - fy, 1 - fy, fy, fy);
    const weights = f32x4.mul(wx, wy);
    store<f32>(list, 1, scratchOf.WEIGHT);
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
      v128.store(target, d, 32);
      at += size;
      sum += scratchOf.SUMS_BYTES;
    }
  }
}

function nearestSums(job: usize, from: usize, to: usize, scratch: usize): void {
  const planes = Job.planes(job);
  const size = <usize>Job.windowWidth(job) * Job.windowHeight(job) * 4;
  const image = Job.planes_at(job);
  const zero = f32x4.splat(0);
  for (let i = from; i < to; i++) {
    const list = scratch + i * 4;
    const tap = load<i32>(list, scratchOf.TAP);
    if (tap < 0) continue;
    store<f32>(list, 1, scratchOf.WEIGHT);
    let at = image + <usize>tap;
    let sum = scratch + scratchOf.SUMS;
    for (let c: u32 = 0; c < planes; c++) {
      store<f32>(sum + i * 4, load<f32>(at));
      const target = sum + 256 + i * 48;
      v128.store(target, zero);
      v128.store(target, zero, 32);
      at += size;
      sum += scratchOf.SUMS_BYTES;
    }
  }
}

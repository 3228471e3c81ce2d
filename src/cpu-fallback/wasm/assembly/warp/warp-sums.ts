// Sums over the taps of the pixels of a row whose taps are all inside the window, left as vectors for finishRow. Everything is taken about one tap, so
// that constant images stay exactly constant and float32 is enough.
import { clampedValue, storeSums, storeWeights, WEIGHTS_BYTES } from './lanczos-taps';
import { WARP_BILINEAR, WARP_LANCZOS3, WarpJob as Job } from '../layout';
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
  const weights = rowWeightsAt(job, scratch);
  rowWeights(Job.lanczosPhases_at(job), from, to, weights, scratch);
  let image = Job.planes_at(job);
  let sums = scratch + scratchOf.SUMS;
  let c: u32 = 0;
  do {
    planeSums(image, row, from, to, weights, sums, scratch);
    image += size;
    sums += scratchOf.SUMS_BYTES;
  } while (++c < planes);
}

/** Where the weights of a row's columns stand: behind the sums of all planes. */
// @ts-ignore: decorator
@inline
function rowWeightsAt(job: usize, scratch: usize): usize {
  return scratch + scratchOf.SUMS + Job.planes(job) * scratchOf.SUMS_BYTES;
}

function rowWeights(phases: usize, from: usize, to: usize, weights: usize, scratch: usize): void {
  let list = scratch + from * 4;
  let pair = scratch + from * 8;
  let target = weights + from * WEIGHTS_BYTES;
  const end = scratch + to * 4;
  do {
    if (load<i32>(list, scratchOf.TAP) >= 0) {
      const both = load<u64>(pair, scratchOf.PHASES);
      const rests = v128.load64_zero(pair, scratchOf.RESTS);
      storeWeights(phases + <u32>both, phases + <usize>(both >> 32), rests, target);
    }
    pair += 8;
    list += 4;
    target += WEIGHTS_BYTES;
  } while (list < end);
}

/** Of one plane, whose first sample stands at `image`; the sums go to `sums`. */
function planeSums(
  image: usize,
  row: usize,
  from: usize,
  to: usize,
  weights: usize,
  sums: usize,
  scratch: usize,
): void {
  let list = scratch + from * 4;
  let centres = sums + from * 4;
  let target = sums + 256 + from * 48;
  let weightsOf = weights + from * WEIGHTS_BYTES;
  const end = scratch + to * 4;
  do {
    const tap = load<i32>(list, scratchOf.TAP);
    if (tap >= 0) {
      const p = image + <usize>tap;
      const centre = v128.load32_splat(p + 2 * row, 8);
      v128.store32_lane(centres, centre, 0);
      const wx = v128.load(weightsOf);
      storeSums(p, row, wx, v128.load(weightsOf, 16), v128.load(weightsOf, 32), centre, target);
    }
    list += 4;
    centres += 4;
    target += 48;
    weightsOf += WEIGHTS_BYTES;
  } while (list < end);
}

/** Values of plane `c` at the columns of `lanes`, from column `i` on, one by one and clamped; `values` at all others. */
export function clampedValues(job: usize, c: u32, i: usize, lanes: i32, values: v128, scratch: usize): v128 {
  const row = <usize>Job.windowWidth(job) * 4;
  const plane = Job.planes_at(job) + c * row * Job.windowHeight(job);
  const patch = scratch + i * 4 + scratchOf.VALUE;
  v128.store(patch, values);
  while (lanes != 0) {
    const lane = <usize>ctz(lanes);
    const tap = load<u32>(scratch + (i + lane) * 4, scratchOf.TAP);
    const weights = rowWeightsAt(job, scratch) + (i + lane) * WEIGHTS_BYTES;
    store<f32>(patch + lane * 4, clampedValue(plane + tap, row, weights, Job.clampThreshold(job)));
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

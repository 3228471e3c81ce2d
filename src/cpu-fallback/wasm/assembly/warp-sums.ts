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
  const phases = Job.lanczosPhases_at(job);
  const weights = scratch + scratchOf.WEIGHTS;
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
    const wx = f32x4.add(x0, f32x4.mul(f32x4.sub(v128.load(px, 32), x0), rx));
    const wx1 = f32x4.add(x1, f32x4.mul(f32x4.sub(v128.load(px, 48), x1), rx));
    const wy = f32x4.add(y0, f32x4.mul(f32x4.sub(v128.load(py, 32), y0), ry));
    const wy1 = f32x4.add(y1, f32x4.mul(f32x4.sub(v128.load(py, 48), y1), ry));
    const sums = f32x4.mul(wx1, wy1);
    v128.store32_lane(list, sums, 0, scratchOf.WEIGHT);
    v128.store32_lane(list, sums, 1, scratchOf.MAGNITUDE);
    // Taps 0..3 of a row make one vector, taps 4 and 5 of two rows of the same sign another. Rows 1 and 4 are the negative ones.
    const w0 = v128.shuffle<f32>(wy, wy, 0, 0, 0, 0);
    const w1 = v128.shuffle<f32>(wy, wy, 1, 1, 1, 1);
    const w2 = v128.shuffle<f32>(wy, wy, 2, 2, 2, 2);
    const w3 = v128.shuffle<f32>(wy, wy, 3, 3, 3, 3);
    const w4 = v128.shuffle<f32>(wy1, wy1, 2, 2, 2, 2);
    const w5 = v128.shuffle<f32>(wy1, wy1, 3, 3, 3, 3);
    const wxPair = v128.shuffle<f32>(wx1, wx1, 2, 3, 2, 3);
    const w02 = v128.shuffle<f32>(w0, w2, 0, 1, 4, 5);
    const w14 = v128.shuffle<f32>(w1, w4, 0, 1, 4, 5);
    const w35 = v128.shuffle<f32>(w3, w5, 0, 1, 4, 5);
    let p = image + <usize>tap;
    let sum = scratch + scratchOf.SUMS;
    if (planes == 1) {
      lanczosTaps(p, row, wx, wxPair, w0, w1, w2, w3, w4, w5, w02, w14, w35, sum, i);
      continue;
    }
    // Through memory: kept as values, they would be computed again for every plane.
    v128.store(weights, wx);
    v128.store(weights, wxPair, 16);
    v128.store(weights, w0, 32);
    v128.store(weights, w1, 48);
    v128.store(weights, w2, 64);
    v128.store(weights, w3, 80);
    v128.store(weights, w4, 96);
    v128.store(weights, w5, 112);
    v128.store(weights, w02, 128);
    v128.store(weights, w14, 144);
    v128.store(weights, w35, 160);
    for (let c: u32 = 0; c < planes; c++) {
      lanczosTaps(
        p,
        row,
        v128.load(weights),
        v128.load(weights, 16),
        v128.load(weights, 32),
        v128.load(weights, 48),
        v128.load(weights, 64),
        v128.load(weights, 80),
        v128.load(weights, 96),
        v128.load(weights, 112),
        v128.load(weights, 128),
        v128.load(weights, 144),
        v128.load(weights, 160),
        sum,
        i,
      );
      p += size;
      sum += scratchOf.SUMS_BYTES;
    }
  }
}

/** The sums over one plane of the column `i`, whose first tap is at `p`. */
// @ts-ignore: decorator
@inline
function lanczosTaps(
  p: usize,
  row: usize,
  wx: v128,
  wxPair: v128,
  w0: v128,
  w1: v128,
  w2: v128,
  w3: v128,
  w4: v128,
  w5: v128,
  w02: v128,
  w14: v128,
  w35: v128,
  sum: usize,
  i: usize,
): void {
  const target = sum + 256 + i * 48;
  const q = p + 3 * row;
  const centre = v128.load32_splat(p + 2 * row, 8);
  v128.store32_lane(sum + i * 4, centre, 0);
  const a0 = f32x4.sub(v128.load(p), centre);
  const a1 = f32x4.sub(v128.load(p + row), centre);
  const a2 = f32x4.sub(v128.load(p + 2 * row), centre);
  const a3 = f32x4.sub(v128.load(q), centre);
  const a4 = f32x4.sub(v128.load(q + row), centre);
  const a5 = f32x4.sub(v128.load(q + 2 * row), centre);
  const b02 = f32x4.sub(v128.load64_lane(p + 2 * row, v128.load64_zero(p, 16), 1, 16), centre);
  const b14 = f32x4.sub(v128.load64_lane(q + row, v128.load64_zero(p + row, 16), 1, 16), centre);
  const b35 = f32x4.sub(v128.load64_lane(q + 2 * row, v128.load64_zero(q, 16), 1, 16), centre);
  const least = f32x4.pmin(
    f32x4.pmin(f32x4.pmin(f32x4.pmin(a0, a1), f32x4.pmin(a2, a3)), f32x4.pmin(f32x4.pmin(a4, a5), b02)),
    f32x4.pmin(b14, b35),
  );
  const positive = f32x4.add(
    f32x4.add(f32x4.mul(a0, w0), f32x4.mul(a2, w2)),
    f32x4.add(f32x4.mul(a3, w3), f32x4.mul(a5, w5)),
  );
  const negative = f32x4.add(f32x4.mul(a1, w1), f32x4.mul(a4, w4));
  const positivePair = f32x4.add(f32x4.mul(b02, w02), f32x4.mul(b35, w35));
  const negativePair = f32x4.mul(b14, w14);
  const signed = f32x4.add(
    f32x4.mul(f32x4.add(positive, negative), wx),
    f32x4.mul(f32x4.add(positivePair, negativePair), wxPair),
  );
  v128.store(target, signed);
  v128.store(target, least, 32);
  const magnitude = f32x4.add(
    f32x4.mul(f32x4.sub(positive, negative), f32x4.abs(wx)),
    f32x4.mul(f32x4.sub(positivePair, negativePair), f32x4.abs(wxPair)),
  );
  v128.store(target, magnitude, 16);
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

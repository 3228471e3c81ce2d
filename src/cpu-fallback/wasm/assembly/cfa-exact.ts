// The sample of one pixel and colour where taps are blank or outside the window, and of Lanczos-3: written plainly, in f64.
import { GREEN } from './cfa';
import { firstColumn, firstRow } from './cfa-lattice';
import {
  BLANK_LIMIT,
  BLANK_VALUE,
  WARP_BILINEAR,
  WARP_CUBIC,
  WARP_LANCZOS3,
  WarpCfaJob as Job,
} from './layout';
import { tableWeight } from './warp-exact';
import * as scratchOf from './warp-scratch';

/** Value of colour `c` at column `i` of the row, whose lists of the colour are filled; BLANK_VALUE where too little is valid. */
export function exactSite(job: usize, c: u32, i: usize, scratch: usize): f32 {
  const list = scratch + i * 4;
  const px = load<i32>(list, scratchOf.PIXEL_X);
  const py = load<i32>(list, scratchOf.PIXEL_Y);
  const fx = load<f32>(list, scratchOf.FRACTION_X);
  const fy = load<f32>(list, scratchOf.FRACTION_Y);
  const a = <i32>firstColumn(job, c);
  const b = <i32>firstRow(job, c);
  const parity = a ^ b;
  // Site m, n and, in window pixels, where it lies and how far its neighbours do.
  const green = c == GREEN;
  const s = green ? px + py - parity + <i32>Mathf.floor(fx + fy) : px - a;
  const t = green ? px - py - parity + <i32>Mathf.floor(fx - fy) : py - b;
  const q = fx + fy;
  const r = fx - fy;
  const fm: f32 = (<f32>(s & 1) + (green ? q - Mathf.floor(q) : fx)) * 0.5;
  const fn: f32 = (<f32>(t & 1) + (green ? r - Mathf.floor(r) : fy)) * 0.5;
  const m = s >> 1;
  const n = t >> 1;
  const x = green ? m + n + parity : 2 * m + a;
  const y = green ? m - n : 2 * n + b;
  const stepMX = green ? 1 : 2;
  const stepMY = green ? 1 : 0;
  const stepNX = green ? 1 : 0;
  const stepNY = green ? -1 : 2;

  const kernel = Job.kernel(job);
  const taps = kernel == WARP_LANCZOS3 ? 6 : kernel == WARP_CUBIC ? 4 : 2;
  const before = taps / 2 - 1;
  const weights = scratch + scratchOf.EXACT_WEIGHTS;
  for (let k = 0; k < taps; k++) {
    store<f64>(weights + <usize>k * 8, axisWeight(job, kernel, fm, k));
    store<f64>(weights + <usize>k * 8, axisWeight(job, kernel, fn, k), 48);
  }
  let full: f64 = 0;
  let sum: f64 = 0;
  let weight: f64 = 0;
  let first: f64 = BLANK_VALUE;
  for (let j = 0; j < taps; j++) {
    const wn = load<f64>(weights + <usize>j * 8, 48);
    for (let k = 0; k < taps; k++) {
      const w = wn * load<f64>(weights + <usize>k * 8);
      full += w;
      const v = <f64>sampleAt(
        job,
        x + (k - before) * stepMX + (j - before) * stepNX,
        y + (k - before) * stepMY + (j - before) * stepNY,
      );
      if (!(v > BLANK_LIMIT)) continue;
      // About the first valid tap: constants stay constant.
      if (!(first > BLANK_LIMIT)) first = v;
      sum += w * (v - first);
      weight += w;
    }
  }
  if (!(first > BLANK_LIMIT) || weight < 0.5 * full) return BLANK_VALUE;
  return <f32>(first + sum / weight);
}

function sampleAt(job: usize, x: i32, y: i32): f32 {
  const width = Job.windowWidth(job);
  if (<u32>x >= width || <u32>y >= Job.windowHeight(job)) return BLANK_VALUE;
  return load<f32>(Job.cfa_at(job) + (<usize>y * width + <usize>x) * 4);
}

/** Weight of tap `k` of an axis at fraction `f`. */
function axisWeight(job: usize, kernel: u32, f: f64, k: i32): f64 {
  if (kernel == WARP_BILINEAR) return k == 0 ? 1 - f : f;
  if (kernel == WARP_LANCZOS3) return tableWeight(Job.lanczos_at(job), f, k);
  const g = 1 - f;
  if (k == 0) return -0.5 * f * g * g;
  if (k == 1) return 1 + f * f * (1.5 * f - 2.5);
  if (k == 2) return 1 + g * g * (1.5 * g - 2.5);
  return -0.5 * g * f * f;
}

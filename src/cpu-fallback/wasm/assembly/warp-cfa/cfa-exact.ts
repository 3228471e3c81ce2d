// The sample of one pixel and colour where taps of Lanczos-3 or the bilinear kernel are blank or outside the window: written plainly, in f64. Cubic: cfa-cubic.ts.
import { GREEN } from '../cfa';
import { siteOf } from './cfa-lattice';
import {
  BLANK_LIMIT,
  BLANK_VALUE,
  WARP_LANCZOS3,
  WarpCfaJob as Job,
} from '../layout';
import { lanczosWeights } from '../warp/warp-exact';
import * as scratchOf from '../warp/warp-scratch';

/** Value of colour `c`, whose first site in the window's 2x2 tile is (a, b), at column `i` of the row; BLANK_VALUE where too little is valid. */
export function exactSite(job: usize, c: u32, a: i32, b: i32, i: usize, scratch: usize): f32 {
  const list = scratch + i * 4;
  const px = load<i32>(list, scratchOf.PIXEL_X);
  const py = load<i32>(list, scratchOf.PIXEL_Y);
  const fx = load<f32>(list, scratchOf.FRACTION_X);
  const fy = load<f32>(list, scratchOf.FRACTION_Y);
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
  const taps = kernel == WARP_LANCZOS3 ? 6 : 2;
  const before = taps / 2 - 1;
  const weights = scratch + scratchOf.EXACT_WEIGHTS;
  const full = axisWeights(job, kernel, fm, weights) * axisWeights(job, kernel, fn, weights + 48);
  const width = Job.windowWidth(job);
  const height = Job.windowHeight(job);
  let sum: f64 = 0;
  let weight: f64 = 0;
  let first: f64 = BLANK_VALUE;
  let startX = x - before * (stepMX + stepNX);
  let startY = y - before * (stepMY + stepNY);
  for (let j = 0; j < taps; j++) {
    const wn = load<f64>(weights + <usize>j * 8, 48);
    let tapX = startX;
    let tapY = startY;
    for (let k = 0; k < taps; k++) {
      if (<u32>tapX < width && <u32>tapY < height) {
        const v = <f64>load<f32>(siteOf(tapX, tapY));
        if (v > BLANK_LIMIT) {
          // About the first valid tap: constants stay constant.
          if (!(first > BLANK_LIMIT)) first = v;
          const w = wn * load<f64>(weights + <usize>k * 8);
          sum += w * (v - first);
          weight += w;
        }
      }
      tapX += stepMX;
      tapY += stepMY;
    }
    startX += stepNX;
    startY += stepNY;
  }
  if (!(first > BLANK_LIMIT) || weight < 0.5 * full) return BLANK_VALUE;
  return <f32>(first + sum / weight);
}

/** Stores the weights of the taps of an axis at fraction `f` and returns their sum. */
function axisWeights(job: usize, kernel: u32, f: f64, at: usize): f64 {
  if (kernel == WARP_LANCZOS3) return lanczosWeights(Job.lanczos_at(job), f, at);
  const g = 1 - f;
  store<f64>(at, g);
  store<f64>(at, f, 8);
  return g + f;
}

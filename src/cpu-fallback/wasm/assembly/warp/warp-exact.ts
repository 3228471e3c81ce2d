// The sample of one pixel where taps are blank or outside the window: rare, so written plainly, in f64.
import {
  BLANK_LIMIT,
  BLANK_VALUE,
  LANCZOS_TABLE_SIZE,
  WARP_LANCZOS3,
  WARP_NEAREST,
  WarpJob as Job,
} from '../layout';
import * as scratchOf from './warp-scratch';

/** Value of plane `c` at column `i` of the row, BLANK_VALUE where too little is valid. */
export function exactValue(job: usize, c: u32, i: usize, scratch: usize): f32 {
  const list = scratch + i * 4;
  const x = load<i32>(list, scratchOf.PIXEL_X);
  const y = load<i32>(list, scratchOf.PIXEL_Y);
  const fx = <f64>load<f32>(list, scratchOf.FRACTION_X);
  const fy = <f64>load<f32>(list, scratchOf.FRACTION_Y);
  const kernel = Job.kernel(job);
  if (kernel == WARP_NEAREST) return tapAt(job, c, x, y);
  return kernel == WARP_LANCZOS3
    ? lanczosValue(job, c, x - 2, y - 2, fx, fy, scratch)
    : bilinearValue(job, c, x, y, fx, fy);
}

function tapAt(job: usize, c: u32, x: i32, y: i32): f32 {
  const width = Job.windowWidth(job);
  const height = Job.windowHeight(job);
  if (<u32>x >= width || <u32>y >= height) return BLANK_VALUE;
  return load<f32>(Job.planes_at(job) + ((<usize>c * height + <usize>y) * width + <usize>x) * 4);
}

function bilinearValue(job: usize, c: u32, x: i32, y: i32, fx: f64, fy: f64): f32 {
  let sum: f64 = 0;
  let weights: f64 = 0;
  for (let k = 0; k < 4; k++) {
    const v = tapAt(job, c, x + (k & 1), y + (k >> 1));
    if (!(v > BLANK_LIMIT)) continue;
    const w = (k & 1 ? fx : 1 - fx) * (k >> 1 ? fy : 1 - fy);
    sum += w * v;
    weights += w;
  }
  return weights < 0.5 ? BLANK_VALUE : <f32>(sum / weights);
}

/** Weight of tap i of an axis at fraction f, from the linearly interpolated table. */
export function tableWeight(table: usize, f: f64, i: i32): f64 {
  const position = f * LANCZOS_TABLE_SIZE;
  const entry = <i32>position;
  const size = <i32>LANCZOS_TABLE_SIZE;
  const from = i < 3 ? (2 - i) * size + entry : (i - 2) * size - entry;
  const a = <f64>load<f32>(table + <usize>from * 4);
  const b = <f64>load<f32>(table + <usize>(i < 3 ? from + 1 : from - 1) * 4);
  return a + (b - a) * (position - <f64>entry);
}

function lanczosValue(job: usize, c: u32, x: i32, y: i32, fx: f64, fy: f64, scratch: usize): f32 {
  const table = Job.lanczos_at(job);
  const weights = scratch + scratchOf.EXACT_WEIGHTS;
  const width = <i32>Job.windowWidth(job);
  const height = <i32>Job.windowHeight(job);
  // Taps inside the window; the address of tap 0 of a row may lie outside of it.
  const firstI = max(0, -x);
  const endI = min(6, width - x);
  const firstJ = max(0, -y);
  const endJ = min(6, height - y);
  const row = <usize>width * 4;
  const first = Job.planes_at(job) + <usize>(((<i32>c * height + y) * width + x) * 4);
  let least: f64 = Infinity;
  for (let j = firstJ; j < endJ; j++) {
    for (let i = firstI; i < endI; i++) {
      const v = <f64>load<f32>(first + <usize>j * row + <usize>i * 4);
      if (v > BLANK_LIMIT && v < least) least = v;
    }
  }
  if (least == Infinity) return BLANK_VALUE;
  let all: f64 = 0;
  let allY: f64 = 0;
  for (let k = 0; k < 6; k++) {
    const w = tableWeight(table, fx, k);
    store<f64>(weights + <usize>k * 8, w);
    all += w;
    const wy = tableWeight(table, fy, k);
    store<f64>(weights + <usize>k * 8, wy, 48);
    allY += wy;
  }
  let positive: f64 = 0;
  let negative: f64 = 0;
  let plusWeight: f64 = 0;
  let minusWeight: f64 = 0;
  for (let j = firstJ; j < endJ; j++) {
    const wy = load<f64>(weights + <usize>j * 8, 48);
    for (let i = firstI; i < endI; i++) {
      const v = <f64>load<f32>(first + <usize>j * row + <usize>i * 4);
      if (!(v > BLANK_LIMIT)) continue;
      const w = wy * load<f64>(weights + <usize>i * 8);
      if (w > 0) {
        positive += w * (v - least);
        plusWeight += w;
      } else {
        negative -= w * (v - least);
        minusWeight += w;
      }
    }
  }
  if (plusWeight + minusWeight < 0.5 * (all * allY)) return BLANK_VALUE;
  if (negative > <f64>Job.clampThreshold(job) * positive) return <f32>(least + positive / plusWeight);
  return <f32>(least + (positive - negative) / (plusWeight + minusWeight));
}

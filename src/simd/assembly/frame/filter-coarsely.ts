// The coarse filtered image of a frame of 16-bit samples, and its scatter; the twins are `FilteredSamples` and `scatterExcess` in src/astrometry/stars.
import { cellCentre, Detection, offsetOf } from './detection';
import { filterColumns, filterRow } from './filter-rows';
import { medianOf } from '../select';
import { addF64, f32At, f64At, putF32, putF64 } from '../words';

/**
 * Fills the coarse image. Rows filtered along x (f32, `rowBytes` apart at `rows`) stay in a ring as long as the column filter needs them; `levels` (f64 [ny, nx]) takes the sky
 * of a sample of the detection image at the cells.
 */
export function filterCoarsely(detection: usize, rows: usize, rowBytes: u32, levels: usize): void {
  const d = changetype<Detection>(detection);
  const cells = d.nx * d.ny;
  for (let k: u32 = 0; k < cells; k++) {
    putF64(levels, k, 0);
    // a block of a CFA holds two green samples
    for (let c: u32 = 0; c < d.channels; c++)
      addF64(levels, k, (d.box == 2 && c == 1 ? 2 : 1) * f32At(d.channelLevel, c * cells + k));
  }
  const n = d.count;
  const half = <i32>d.half;
  for (let y: u32 = 0; y < d.height; y++) {
    const row = d.frame + (<usize>(y * d.width) << 1);
    filterRow(row, d.flip, d.taps, n, d.half, d.coarseX0, d.coarseX1, rows + <usize>(y % n) * rowBytes);
    const target = <i32>y - (<i32>n - 1 - half);
    if (target < half || (target & 1) != 0) continue;
    filterRowDown(d, rows, rowBytes, target, levels);
  }
}

/** Filters along columns, less the sky, which between the centres of two cells is straight along a row (`SkyRows` in src/astrometry/stars). */
function filterRowDown(d: Detection, rows: usize, rowBytes: u32, target: u32, levels: usize): void {
  const offset = offsetOf(d);
  const y = <f64>target + offset;
  const step = <f64>d.step;
  const j = <u32>min<f64>(max<f64>(floor<f64>((y - (step - 1) / 2) / step), 0), <f64>max<i32>(0, <i32>d.ny - 2));
  const next = min<u32>(j + 1, d.ny - 1);
  const top = cellCentre(d.height, d.step, d.ny, j);
  const v = next == j ? 0 : (y - top) / (cellCentre(d.height, d.step, d.ny, next) - top);
  const out = d.coarse + (<usize>((target >> 1) * d.coarseWidth) << 2);
  const first = (target - d.half) % d.count;
  let left = between(levels, j * d.nx, next * d.nx, v);
  if (d.nx == 1) {
    filterColumns(rows, rowBytes, first, d.taps, d.count, d.coarseX0, d.coarseX1, left, 0, out);
    return;
  }
  let centre = cellCentre(d.width, d.step, d.nx, 0) - offset;
  let from = d.coarseX0;
  for (let i: u32 = 1; i < d.nx; i++) {
    const right = between(levels, j * d.nx + i, next * d.nx + i, v);
    const nextCentre = cellCentre(d.width, d.step, d.nx, i) - offset;
    const slope = (right - left) / (nextCentre - centre);
    // the outermost pieces go on to the border
    const end = i == d.nx - 1 ? d.width : <u32>ceil<f64>(nextCentre);
    const to = min<u32>(d.coarseX1, (end + 1) >> 1);
    filterColumns(rows, rowBytes, first, d.taps, d.count, from, to, left - slope * centre, 2 * slope, out);
    left = right;
    centre = nextCentre;
    from = max<u32>(d.coarseX0, to);
  }
}

@inline
function between(levels: usize, upper: u32, lower: u32, v: f64): f64 {
  return f64At(levels, upper) * (1 - v) + f64At(levels, lower) * v;
}

/** Median of every `stride`-th coarse sample's size over its noise times `noiseGain`; 0 where there is none. `scratch` has room for three f32 each. */
export function coarseScatter(detection: usize, noiseGain: f64, stride: u32, scratch: usize): f64 {
  const d = changetype<Detection>(detection);
  const end = d.coarseY1 * d.coarseWidth;
  let n: u32 = 0;
  let x: u32 = 0;
  let y = d.coarseY0;
  for (let k = y * d.coarseWidth; k < end; k += stride, x += stride) {
    for (; x >= d.coarseWidth; x -= d.coarseWidth) y++;
    if (x < d.coarseX0 || x >= d.coarseX1) continue;
    const i = min<u32>(d.nx - 1, (2 * x) / d.step);
    const j = min<u32>(d.ny - 1, (2 * y) / d.step);
    const sigma = f32At(d.noise, j * d.nx + i) * noiseGain;
    if (sigma > 0) putF32(scratch, n++, abs<f64>(f32At(d.coarse, k)) / sigma);
  }
  return n == 0 ? 0 : medianOf<f32>(scratch, n, scratch + (<usize>n << 2));
}

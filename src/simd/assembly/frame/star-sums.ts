// What of mesh cells was samples under stars. `src/photometry/background/starless-cells.ts` says what for. Sums of floating point numbers are taken in the order of the samples.
import { addIntegerCells, listLimits } from './integer-star-sums';
import { StarCells } from './star-cells';
import { addF64, f32At, f64At, putF32, u32At } from '../words';

/** Adds what the cells have under stars, as far as clipping at `clip` deviations left it; rows of cells come in their order. */
export function starSums(cells: usize, clip: f64): void {
  const q = changetype<StarCells>(cells);
  const all = q.channels * q.nx * q.ny;
  if (q.firstRow == 0) {
    for (let k: u32 = 0; k < all; k++) putF32(q.reach, k, clippingReach(clip * f32At(q.sigma, k), f32At(q.step, k)));
  }
  if (q.isInteger) {
    listLimits(q, q.limits);
    addIntegerCells(q, q.limits);
    return;
  }
  for (let row: u32 = 0; row < q.rows; row++) {
    const first = q.nx * min<u32>(q.firstRow + row / q.stepPx, q.lastRow);
    for (let parity: u32 = 0; parity < 2; parity++) addRow(q, row, parity, first);
  }
}

/** Takes the columns of one parity of a row, which are of one channel and lie in the cells from `first` on. */
function addRow(q: StarCells, row: u32, parity: u32, first: u32): void {
  const bits = q.bits + (<usize>(row * q.stride) << 2);
  const start = row * q.width;
  const ofChannel = u32At(q.sites, 2 * (row & 1) + parity) * q.nx * q.ny + first;
  const columns: u32 = parity ? 0xaaaaaaaa : 0x55555555;
  let cell: u32 = 0;
  let end = q.nx > 1 ? q.stepPx : q.width;
  let median = f32At(q.median, ofChannel);
  let step = f32At(q.step, ofChannel);
  let reach = f32At(q.reach, ofChannel);
  let count: f64 = 0;
  let sum: f64 = 0;
  let above: f64 = 0;
  for (let word: u32 = 0; word < q.stride; word++) {
    for (let left = u32At(bits, word) & columns; left != 0; left &= left - 1) {
      const column = (word << 5) + <u32>ctz<u32>(left);
      if (column >= end) {
        put(q, ofChannel + cell, count, sum, above);
        count = sum = above = 0;
        cell = min(q.nx - 1, column / q.stepPx);
        end = cell == q.nx - 1 ? q.width : (cell + 1) * q.stepPx;
        median = f32At(q.median, ofChannel + cell);
        step = f32At(q.step, ofChannel + cell);
        reach = f32At(q.reach, ofChannel + cell);
      }
      const distance = f32At(q.samples, start + column) - median;
      // NaN is not
      if (!(abs(distance) <= reach)) continue;
      count += 1;
      sum += distance;
      above += 2 * abs(distance) < step ? (2 * distance) / step : <f64>(<i32>(distance > 0) - <i32>(distance < 0));
    }
  }
  put(q, ofChannel + cell, count, sum, above);
}

/** As in src/photometry/background/clipped-statistics.ts. */
@inline
function clippingReach(halfWidth: f64, step: f64): f64 {
  return step > 0 ? (max<f64>(1, floor<f64>(halfWidth / step)) + 0.5) * step : halfWidth;
}

@inline
function put(q: StarCells, k: u32, count: f64, sum: f64, above: f64): void {
  if (count == 0) return;
  addF64(q.under, k, count);
  addF64(q.sum, k, sum);
  addF64(q.above, k, above);
}

/**
 * Takes the sums from means, medians and counts: the medians by the density of a normal distribution. Cells of which less than the share `least` would be left, or whose deviation is more than
 * `most` times their noise, stay.
 */
export function lessStars(cells: usize, least: f64, most: f64): void {
  const q = changetype<StarCells>(cells);
  for (let k: u32 = 0; k < q.channels * q.nx * q.ny; k++) {
    const under = f64At(q.under, k), count = f32At(q.count, k), sigma = f32At(q.sigma, k);
    const left = count - under;
    if (!(under > 0 && left >= least * count) || sigma > most * f32At(q.noise, k)) continue;
    const median = f32At(q.median, k);
    const density = left / (sigma * Math.sqrt(2 * Math.PI));
    putF32(q.mean, k, median + ((f32At(q.mean, k) - median) * count - f64At(q.sum, k)) / left);
    putF32(q.median, k, median - f64At(q.above, k) / (2 * density));
    putF32(q.count, k, left);
  }
}

// What the statistics of all cells of a channel come to: levels without faint stars, noise without outliers. `src/photometry/background/background-mesh.ts` says why.
import { medianOf } from '../select';
import { f32At, f64At, putF32, putF64 } from '../words';

/**
 * Levels of `count` cells of means, medians, sigmas and counts (f32 each, to `levels`): the mean, less the lift by faint stars. `maxSkew` is the most that noise may lift a mean over its median,
 * in sigmas; `tail` what clipping takes off a mean for each of these. `scratch` has room for three f64 a cell, and takes the sum of the levels. Returns how many are NaN.
 */
export function cellLevels(
  means: usize,
  medians: usize,
  sigmas: usize,
  counts: usize,
  count: u32,
  maxSkew: f64,
  tail: f64,
  scratch: usize,
  levels: usize,
): u32 {
  let n: u32 = 0;
  for (let k: u32 = 0; k < count; k++) {
    const sigma = f32At(sigmas, k);
    if (sigma > 0) putF64(scratch, n++, (f32At(means, k) - f32At(medians, k)) / sigma);
  }
  const lift = n > 0 ? medianOf<f64>(scratch, n, scratch + (<usize>n << 3)) : 0;
  const skew = min<f64>(max<f64>(lift, 0), maxSkew);
  const clippedAway = skew * tail;
  for (let k: u32 = 0; k < count; k++) {
    const mean = f32At(means, k), median = f32At(medians, k), sigma = f32At(sigmas, k);
    putF32(levels, k, sigma > 0 ? level(mean, median, sigma, f32At(counts, k), skew, clippedAway) : mean);
  }
  let sum: f64 = 0;
  for (let k: u32 = 0; k < count; k++) sum += f32At(levels, k);
  store<f64>(scratch, sum);
  return missingCells(levels, count);
}

/** How many of `count` cells (f32) are NaN. */
export function missingCells(cells: usize, count: u32): u32 {
  let missing: u32 = 0;
  for (let k: u32 = 0; k < count; k++) missing += u32(isNaN<f64>(f32At(cells, k)));
  return missing;
}

/** Median of `count` cells (f32, none NaN); `scratch` has room for twice as many. */
export function medianOfCells(cells: usize, count: u32, scratch: usize): f64 {
  return medianOf<f32>(cells, count, scratch);
}

@inline
function level(mean: f64, median: f64, sigma: f64, count: f64, skew: f64, clippedAway: f64): f64 {
  const lift = mean - median - skew * sigma;
  if (lift > 0.3 * sigma) return median;
  const error = sigma * Math.sqrt((Math.PI / 2 - 1) / count);
  return mean + clippedAway * sigma - 2.5 * max<f64>(0, lift - 2 * error);
}

/**
 * Replaces cells (f32 [ny, nx], nx and ny at least 3) that differ from the median of their neighbourhood by more than `limit` robust deviations. `scratch` has room for four f32 a cell
 * and 216 bytes.
 */
export function filterCells(cells: usize, nx: u32, ny: u32, limit: f64, scratch: usize): void {
  const size = nx * ny;
  const expected = scratch + 216;
  const deviations = expected + (<usize>size << 2);
  for (let j: u32 = 0, k: u32 = 0; j < ny; j++) {
    for (let i: u32 = 0; i < nx; i++, k++) {
      putF32(expected, k, neighbourhoodMedian(cells, nx, ny, i, j, scratch));
      putF32(deviations, k, abs<f64>(f32At(cells, k) - f32At(expected, k)));
    }
  }
  const most = limit * medianOf<f32>(deviations, size, deviations + (<usize>size << 2));
  for (let k: u32 = 0; k < size; k++) if (f32At(deviations, k) > most) putF32(cells, k, f32At(expected, k));
  filterCorner(cells, 0, 1, nx, most);
  filterCorner(cells, nx - 1, -1, nx, most);
  filterCorner(cells, (ny - 1) * nx, 1, -nx, most);
  filterCorner(cells, size - 1, -1, -nx, most);
}

/** At a corner the plane through its three neighbours tells what is expected; it carries the noise of three cells. */
function filterCorner(cells: usize, corner: u32, stepX: i32, stepY: i32, most: f64): void {
  const plane = f32At(cells, corner + stepX) + f32At(cells, corner + stepY) - f32At(cells, corner + stepX + stepY);
  if (abs<f64>(f32At(cells, corner) - plane) > Math.sqrt(3) * most) putF32(cells, corner, plane);
}

function neighbourhoodMedian(cells: usize, nx: u32, ny: u32, i: i32, j: i32, values: usize): f64 {
  const centre = f32At(cells, j * nx + i);
  let n: u32 = 0;
  for (let dy = -1; dy <= 1; dy++) {
    for (let dx = -1; dx <= 1; dx++) {
      if (isInside(nx, ny, i + dx, j + dy)) putF64(values, n++, f32At(cells, (j + dy) * nx + i + dx));
      else if (isInside(nx, ny, i - dx, j - dy)) putF64(values, n++, 2 * centre - f32At(cells, (j - dy) * nx + i - dx));
    }
  }
  return medianOf<f64>(values, n, values + (<usize>n << 3));
}

@inline
function isInside(nx: u32, ny: u32, x: i32, y: i32): bool {
  return <u32>x < nx && <u32>y < ny;
}

// Boxes of a filtered frame that stand out from their surroundings; src/astrometry/trails/line-marks.ts says what for.
import { ranked } from '../select';
import { f32At, f64At, putF32, putF64, putI32 } from '../words';

/** Sums of a filtered frame (f32 at `data`, rows `width` apart) over boxes of `side` samples, f32 [ny, nx] to `boxes`. */
export function addBoxes(data: usize, width: i32, nx: i32, ny: i32, side: i32, boxes: usize): void {
  memory.fill(boxes, 0, <usize>(nx * ny) << 2);
  for (let y = 0; y < ny * side; y++) {
    const to = (y / side) * nx;
    let at = data + (<usize>(y * width) << 2);
    for (let x = 0; x < nx; x++) {
      let sum: f64 = 0;
      for (let n = 0; n < side; n++, at += 4) sum += f32At(at, 0);
      putF32(boxes, to + x, f32At(boxes, to + x) + sum);
    }
  }
}

/**
 * Lists the columns and rows (i32, to `columns` and `rows`) of boxes (f32 [ny, nx], left as deviations from their surroundings) that exceed `standsOut` times the mean deviation of the boxes
 * up to `aroundScatter` away from the means of those up to `around` away, all clipped at `limit` robust deviations before; returns their number. Every `sampled`-th box tells median and scatter.
 * `scratch` has room for three f32 a box and nx f64.
 */
export function markBoxes(
  boxes: usize,
  nx: i32,
  ny: i32,
  sampled: u32,
  limit: f64,
  around: i32,
  aroundScatter: i32,
  standsOut: f64,
  scratch: usize,
  columns: usize,
  rows: usize,
): u32 {
  const size = <u32>(nx * ny);
  if (size == 0) return 0;
  const means = scratch;
  const scatter = means + (<usize>size << 2);
  const room = scatter + (<usize>size << 2);
  clip(boxes, size, sampled, limit, scratch);
  smooth(boxes, means, nx, ny, around, room);
  for (let k: u32 = 0; k < size; k++) {
    putF32(boxes, k, f32At(boxes, k) - f32At(means, k));
    putF32(scatter, k, abs<f64>(f32At(boxes, k)));
  }
  smooth(scatter, means, nx, ny, aroundScatter, room);
  let count: u32 = 0;
  for (let y = 0, k: u32 = 0; y < ny; y++) {
    for (let x = 0; x < nx; x++, k++) {
      if (!(f32At(boxes, k) > standsOut * f32At(means, k))) continue;
      putI32(columns, count, x);
      putI32(rows, count++, y);
    }
  }
  return count;
}

/** Brings values to within `limit` robust deviations of their median. */
function clip(values: usize, size: u32, sampled: u32, limit: f64, scratch: usize): void {
  const count = (size + sampled - 1) / sampled;
  for (let k: u32 = 0; k < count; k++) putF32(scratch, k, f32At(values, k * sampled));
  const spare = scratch + (<usize>count << 2);
  const median: f64 = ranked<f32>(scratch, count, <u32>(0.5 * <f64>(count - 1)), spare);
  // the lower half: stars stand in the upper one
  const width = median - <f64>ranked<f32>(scratch, count, <u32>(0.16 * <f64>(count - 1)), spare);
  const sigma = width != 0 ? width : 1;
  for (let k: u32 = 0; k < size; k++) putF32(values, k, min<f64>(max<f64>((f32At(values, k) - median) / sigma, -limit), limit));
}

/** Means over the boxes up to `reach` away along either axis, fewer at the rims; `room` for one f32 a box and nx f64. */
function smooth(values: usize, out: usize, nx: i32, ny: i32, reach: i32, room: usize): void {
  const sums = room;
  const rows = room + (<usize>nx << 3);
  for (let y = 0; y < ny; y++) {
    const row = y * nx;
    let sum: f64 = 0;
    for (let x = -reach; x < nx; x++) {
      if (x + reach < nx) sum += f32At(values, row + x + reach);
      if (x - reach - 1 >= 0) sum -= f32At(values, row + x - reach - 1);
      if (x >= 0) putF32(rows, row + x, sum / <f64>(min<i32>(x + reach, nx - 1) - max<i32>(x - reach, 0) + 1));
    }
  }
  memory.fill(sums, 0, <usize>nx << 3);
  for (let y = -reach; y < ny; y++) {
    if (y + reach < ny) for (let x = 0; x < nx; x++) putF64(sums, x, f64At(sums, x) + f32At(rows, (y + reach) * nx + x));
    if (y - reach - 1 >= 0) for (let x = 0; x < nx; x++) putF64(sums, x, f64At(sums, x) - f32At(rows, (y - reach - 1) * nx + x));
    if (y < 0) continue;
    const height = <f64>(min<i32>(y + reach, ny - 1) - max<i32>(y - reach, 0) + 1);
    for (let x = 0; x < nx; x++) putF32(out, y * nx + x, f64At(sums, x) / height);
  }
}

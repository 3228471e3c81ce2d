// A frame in a few thousand boxes, of which those are marked that stand out from their surroundings: what lines are sought among.
import type { CoarseImage } from '../stars/matched-filter.js';

/** Boxes along the longer side: a trail of a few pixels is still as wide as one, and faint ones add up over them. */
const MOST_BOXES = 160;
/** Samples of the coarse image along a box, at least. */
const LEAST_SIDE = 3;
/** What is brighter than this many deviations counts as that: stars. */
const CLIP = 4;
/** Every so many boxes tell their median and scatter. */
const SAMPLED = 7;
/** Boxes on either side of one that its surroundings are told by, and their scatter. */
const AROUND = 4;
const AROUND_SCATTER = 8;
/** Times the mean deviation of the surroundings: one in ten of noise. */
const STANDS_OUT = 1.6;

/** Marked boxes; box (i, j) is centred on sample (x0 + (i + 0.5) side - 0.5, ...) of the coarse image. */
export interface LineMarks {
  readonly nx: number;
  readonly ny: number;
  readonly side: number;
  readonly x0: number;
  readonly y0: number;
  readonly count: number;
  readonly i: Int32Array;
  readonly j: Int32Array;
}

/** The boxes of a filtered frame that stand out. */
export function lineMarks(coarse: CoarseImage): LineMarks {
  const { x0, x1, y0, y1 } = coarse;
  const longer = Math.max(x1 - x0, y1 - y0);
  const side = Math.max(LEAST_SIDE, Math.ceil(longer / MOST_BOXES));
  const [nx, ny] = [Math.max(0, Math.floor((x1 - x0) / side)), Math.max(0, Math.floor((y1 - y0) / side))];
  const boxes = boxSums(coarse, nx, ny, side);
  clip(boxes);
  const around = new Float32Array(nx * ny);
  smooth(boxes, around, nx, ny, AROUND);
  const deviation = new Float32Array(nx * ny);
  for (let k = 0; k < boxes.length; k++) {
    boxes[k] -= around[k];
    deviation[k] = Math.abs(boxes[k]);
  }
  smooth(deviation, around, nx, ny, AROUND_SCATTER);
  const [i, j] = [new Int32Array(nx * ny), new Int32Array(nx * ny)];
  let count = 0;
  for (let y = 0; y < ny; y++) {
    for (let x = 0; x < nx; x++) {
      const k = y * nx + x;
      if (!(boxes[k] > STANDS_OUT * around[k])) continue;
      i[count] = x;
      j[count++] = y;
    }
  }
  return { nx, ny, side, x0, y0, count, i: i.subarray(0, count), j: j.subarray(0, count) };
}

function boxSums({ data, width, x0, y0 }: CoarseImage, nx: number, ny: number, side: number): Float32Array {
  const sums = new Float32Array(nx * ny);
  for (let y = 0; y < ny * side; y++) {
    const at = (y0 + y) * width + x0;
    const to = Math.floor(y / side) * nx;
    for (let x = 0, k = at; x < nx; x++) {
      let sum = 0;
      for (let n = 0; n < side; n++) sum += data[k++];
      sums[to + x] += sum;
    }
  }
  return sums;
}

/** Brings values to within CLIP robust deviations of their median. */
function clip(values: Float32Array): void {
  if (values.length === 0) return;
  const sorted = values.filter((_, k) => k % SAMPLED === 0).sort();
  const at = (part: number) => sorted[Math.floor(part * (sorted.length - 1))];
  const median = at(0.5);
  // the lower half: stars stand in the upper one
  const sigma = median - at(0.16) || 1;
  for (let k = 0; k < values.length; k++)
    values[k] = Math.min(Math.max((values[k] - median) / sigma, -CLIP), CLIP);
}

/** Means over the boxes up to `reach` away along either axis, fewer at the rims. */
function smooth(values: Float32Array, out: Float32Array, nx: number, ny: number, reach: number): void {
  const rows = new Float32Array(nx * ny);
  for (let y = 0; y < ny; y++) {
    let sum = 0;
    for (let x = -reach; x < nx; x++) {
      if (x + reach < nx) sum += values[y * nx + x + reach];
      if (x - reach - 1 >= 0) sum -= values[y * nx + x - reach - 1];
      if (x >= 0) rows[y * nx + x] = sum / (Math.min(x + reach, nx - 1) - Math.max(x - reach, 0) + 1);
    }
  }
  const sums = new Float64Array(nx);
  for (let y = -reach; y < ny; y++) {
    if (y + reach < ny) for (let x = 0; x < nx; x++) sums[x] += rows[(y + reach) * nx + x];
    if (y - reach - 1 >= 0) for (let x = 0; x < nx; x++) sums[x] -= rows[(y - reach - 1) * nx + x];
    if (y < 0) continue;
    const height = Math.min(y + reach, ny - 1) - Math.max(y - reach, 0) + 1;
    for (let x = 0; x < nx; x++) out[y * nx + x] = sums[x] / height;
  }
}

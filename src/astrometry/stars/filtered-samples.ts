// The filtered image of a frame in plain TypeScript.
import { rawSamples, skyAt, type DetectionImage } from './detection-image.js';
import type { DetectionScratch } from './detection-scratch.js';
import { coarseExtent, type CoarseImage, type MatchedFilter } from './matched-filter.js';
import { SkyRows } from './sky-rows.js';

/** Of any samples; the coarse image lies in `scratch` and holds until its next use. */
export class FilteredSamples {
  readonly coarse: CoarseImage;
  readonly columns: Int32Array;
  readonly #patch: FilterPatch;

  constructor(image: DetectionImage, filter: MatchedFilter, scratch: DetectionScratch) {
    this.coarse = filterCoarsely(image, filter, scratch);
    this.columns = new Int32Array(this.coarse.width);
    this.#patch = new FilterPatch(image, filter);
  }

  /** `[size, size]` samples over the sky at full resolution from (x0, y0) on, all within `filterRange`; they hold until the next call. */
  patch(x0: number, y0: number, size: number): Float64Array {
    return this.#patch.at(x0, y0, size);
  }

  /**
   * Columns from x0 to x1 - 1 of row `y` of the coarse image that lie above `least`, are no lower than their four neighbours, and over which the
   * parabolas through these rise above `needed`: how many, and in `columns` which.
   */
  list(y: number, x0: number, x1: number, least: number, needed: number): number {
    const { data, width } = this.coarse;
    const out = this.columns;
    let count = 0;
    for (let x = x0; x < x1; x++) {
      const k = y * width + x;
      const v = data[k];
      if (v <= least) continue;
      const [left, right, above, below] = [data[k - 1], data[k + 1], data[k - width], data[k + width]];
      if (v < left || v < right || v < above || v < below) continue;
      if (v + lift(v, left, right) + lift(v, above, below) > needed) out[count++] = x;
    }
    return count;
  }
}

/** How far the parabola through three samples rises over the middle one, the highest. */
function lift(middle: number, before: number, after: number): number {
  const curvature = 2 * middle - before - after;
  return curvature > 0 ? ((after - before) * (after - before)) / (8 * curvature) : 0;
}

function filterCoarsely(
  image: DetectionImage,
  filter: MatchedFilter,
  scratch: DetectionScratch,
): CoarseImage {
  const { frame, width: rawWidth, height: rawHeight } = image;
  const { taps, half } = filter;
  const n = taps.length;
  const extent = coarseExtent(filter, rawWidth, rawHeight);
  const { width, height, x0, x1 } = extent;
  const data = scratch.coarse(width * height);
  const line = new Float32Array(rawWidth);
  // rows filtered along x, kept as long as the column filter needs them
  const rows = Array.from({ length: n }, () => new Float32Array(width));
  const sky = new SkyRows(frame.grid, image.weights, image.origin - 1, rawWidth);
  for (let y = 0; y < rawHeight; y++) {
    rawSamples(frame, 0, y, rawWidth, line, 0);
    if (n === 6) filterSix(line, taps, x0, x1, rows[y % n]);
    else filterRow(line, taps, half, x0, x1, rows[y % n]);
    const target = y - (n - 1 - half);
    if (target < half || target % 2 === 1) continue;
    const at = (target >> 1) * width;
    const row = (t: number) => rows[(target - half + t) % n];
    sky.at(target + image.origin - 1);
    for (let s = 0; s < sky.segments; s++) {
      const from = Math.max(x0, (sky.start[s] + 1) >> 1);
      const to = Math.min(x1, (sky.end[s] + 1) >> 1);
      skyRow(data, at, from, to, sky.value[s], sky.slope[s]);
    }
    if (n === 6) addSix(row(0), row(1), row(2), row(3), row(4), row(5), taps, x0, x1, data, at);
    else for (let t = 0; t < n; t++) addRow(row(t), taps[t], x0, x1, data, at);
  }
  return { ...extent, data };
}

/** Filters every second sample along a row. */
function filterRow(
  line: Float32Array,
  taps: Float64Array,
  half: number,
  x0: number,
  x1: number,
  out: Float32Array,
): void {
  const n = taps.length;
  for (let i = x0; i < x1; i++) {
    const start = 2 * i - half;
    let sum = 0;
    for (let t = 0; t < n; t++) sum += taps[t] * line[start + t];
    out[i] = sum;
  }
}

/** The same with six taps, the commonest: six samples slide along the row, each read once. */
function filterSix(line: Float32Array, taps: Float64Array, x0: number, x1: number, out: Float32Array): void {
  const k0 = taps[0];
  const k1 = taps[1];
  const k2 = taps[2];
  let k = 2 * x0 - 2;
  let a = line[k];
  let b = line[k + 1];
  let c = line[k + 2];
  let d = line[k + 3];
  for (let i = x0; i < x1; i++, k += 2) {
    const e = line[k + 4];
    const f = line[k + 5];
    out[i] = k0 * (a + f) + k1 * (b + e) + k2 * (c + d);
    a = c;
    b = d;
    c = e;
    d = f;
  }
}

/** Less the sky `value + slope * x`. */
function skyRow(
  data: Float32Array,
  at: number,
  from: number,
  to: number,
  value: number,
  slope: number,
): void {
  for (let i = from; i < to; i++) data[at + i] = -(value + 2 * slope * i);
}

function addRow(
  row: Float32Array,
  tap: number,
  x0: number,
  x1: number,
  data: Float32Array,
  at: number,
): void {
  for (let i = x0; i < x1; i++) data[at + i] += tap * row[i];
}

function addSix(
  a: Float32Array,
  b: Float32Array,
  c: Float32Array,
  d: Float32Array,
  e: Float32Array,
  f: Float32Array,
  taps: Float64Array,
  x0: number,
  x1: number,
  data: Float32Array,
  at: number,
): void {
  const k0 = taps[0];
  const k1 = taps[1];
  const k2 = taps[2];
  for (let i = x0; i < x1; i++) data[at + i] += k0 * (a[i] + f[i]) + k1 * (b[i] + e[i]) + k2 * (c[i] + d[i]);
}

/** Filtered samples of small patches at full resolution. */
class FilterPatch {
  readonly #image: DetectionImage;
  readonly #filter: MatchedFilter;
  #raw = new Float32Array(0);
  #rows = new Float64Array(0);
  #out = new Float64Array(0);

  constructor(image: DetectionImage, filter: MatchedFilter) {
    this.#image = image;
    this.#filter = filter;
  }

  at(x0: number, y0: number, size: number): Float64Array {
    const { taps, half } = this.#filter;
    const image = this.#image;
    const n = taps.length;
    const across = size + n - 1;
    if (this.#raw.length < across * across) {
      this.#raw = new Float32Array(across * across);
      this.#rows = new Float64Array(across * across);
    }
    if (this.#out.length < size * size) this.#out = new Float64Array(size * size);
    const out = this.#out;
    const raw = this.#raw;
    const rows = this.#rows;
    for (let j = 0; j < across; j++) {
      rawSamples(image.frame, x0 - half, y0 - half + j, across, raw, j * across);
      for (let i = 0; i < size; i++) {
        let sum = 0;
        for (let t = 0; t < n; t++) sum += taps[t] * raw[j * across + i + t];
        rows[j * size + i] = sum;
      }
    }
    const middle = (size - 1) / 2;
    const sky = skyAt(image, x0 + middle, y0 + middle);
    for (let j = 0; j < size; j++) {
      for (let i = 0; i < size; i++) {
        let sum = -sky;
        for (let t = 0; t < n; t++) sum += taps[t] * rows[(j + t) * size + i];
        out[j * size + i] = sum;
      }
    }
    return out;
  }
}

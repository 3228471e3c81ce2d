// Correlation with a Gaussian: of all linear filters the one that shows a star of that width best over white noise.
import { rawSamples, skyAt, type DetectionImage } from './detection-image.js';
import type { DetectionScratch } from './detection-scratch.js';
import { SkyRows } from './sky-rows.js';

/** FWHM of a Gaussian over its standard deviation. */
export const FWHM_OVER_SIGMA = 2 * Math.sqrt(2 * Math.LN2);

/** A separable Gaussian of unit sum, cut at two standard deviations, over a detection image. */
export interface MatchedFilter {
  /** The filter and the box of the image in one: taps over raw samples along an axis, symmetric. */
  readonly taps: Float64Array;
  /** Half-width of the Gaussian: tap 0 is this many samples before the sample that is filtered. */
  readonly half: number;
  /** Standard deviation of the filtered image for white noise of 1 a raw sample. */
  readonly noiseGain: number;
}

export function matchedFilter(fwhm: number, box: 1 | 2): MatchedFilter {
  const sigma = fwhm / FWHM_OVER_SIGMA;
  const half = Math.max(1, Math.round(2 * sigma));
  const gaussian = Float64Array.from({ length: 2 * half + 1 }, (_, t) =>
    Math.exp(-0.5 * ((t - half) / sigma) ** 2),
  );
  const sum = gaussian.reduce((s, v) => s + v, 0);
  const taps = Float64Array.from(
    { length: 2 * half + box },
    (_, t) => ((gaussian[t] ?? 0) + (box === 2 ? (gaussian[t - 1] ?? 0) : 0)) / sum,
  );
  // squares of both axes, under the root
  return { taps, half, noiseGain: taps.reduce((s, v) => s + v * v, 0) };
}

/** Every second sample of every second row of the filtered image, over the sky: sample (2i, 2j) at `data[j * width + i]`. */
export interface CoarseImage {
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
  /** Columns and rows that are wholly within the frame: first, and one behind the last. */
  readonly x0: number;
  readonly x1: number;
  readonly y0: number;
  readonly y1: number;
}

/** First index, and one behind the last, whose taps all lie on one of `size` samples. */
export function filterRange({ taps, half }: MatchedFilter, size: number): readonly [number, number] {
  return [half, Math.max(half, size - (taps.length - half) + 1)];
}

/** The coarse image; it lies in `scratch` and holds until its next use. */
export function filterCoarsely(
  image: DetectionImage,
  filter: MatchedFilter,
  scratch: DetectionScratch,
): CoarseImage {
  const { frame, width: rawWidth, height: rawHeight } = image;
  const { taps, half } = filter;
  const n = taps.length;
  const width = (rawWidth + 1) >> 1;
  const height = (rawHeight + 1) >> 1;
  const [x0, x1] = filterRange(filter, rawWidth).map((x) => (x + 1) >> 1);
  const [y0, y1] = filterRange(filter, rawHeight).map((y) => (y + 1) >> 1);
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
  return { data, width, height, x0, x1, y0, y1 };
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
export class FilterPatch {
  readonly #image: DetectionImage;
  readonly #filter: MatchedFilter;
  #raw = new Float32Array(0);
  #rows = new Float64Array(0);

  constructor(image: DetectionImage, filter: MatchedFilter) {
    this.#image = image;
    this.#filter = filter;
  }

  /** `[size, size]` samples over the sky from (x0, y0) on, all within `filterRange`, to `out`. */
  at(x0: number, y0: number, size: number, out: Float64Array): void {
    const { taps, half } = this.#filter;
    const image = this.#image;
    const n = taps.length;
    const across = size + n - 1;
    if (this.#raw.length < across * across) {
      this.#raw = new Float32Array(across * across);
      this.#rows = new Float64Array(across * across);
    }
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
  }
}

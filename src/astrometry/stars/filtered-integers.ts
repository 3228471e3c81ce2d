// The filtered image of a plane of 16-bit samples, in SIMD: the same values as `FilteredSamples` gives.
import { signFlip } from '../../simd/sample-passes.js';
import { skyAt, type DetectionImage } from './detection-image.js';
import type { DetectionScratch } from './detection-scratch.js';
import { coarseExtent, type CoarseImage, type FilteredImage, type MatchedFilter } from './matched-filter.js';
import { SkyRows } from './sky-rows.js';

/** Largest patch that is asked for. */
const MOST_SIZE = 5;

/** Frame, coarse image and patches lie in `scratch` and hold until its next use. */
export class FilteredIntegers implements FilteredImage {
  readonly coarse: CoarseImage;
  readonly columns: Int32Array;
  readonly #image: DetectionImage;
  readonly #filter: MatchedFilter;
  readonly #passes;
  readonly #flip: number;
  /** Addresses. */
  readonly #frame: number;
  readonly #taps: number;
  readonly #data: number;
  readonly #columns: number;
  readonly #between: number;
  readonly #patch: Float64Array;

  constructor(
    image: DetectionImage,
    samples: Uint16Array | Int16Array,
    filter: MatchedFilter,
    scratch: DetectionScratch,
  ) {
    this.#image = image;
    this.#filter = filter;
    this.#flip = signFlip(samples);
    const { taps } = filter;
    const extent = coarseExtent(filter, image.width, image.height);
    const memory = scratch.passes;
    memory.reset();
    this.#passes = memory.passes;
    this.#frame = memory.take(samples.byteLength);
    this.#taps = memory.take(taps.byteLength);
    this.#data = memory.take(4 * extent.width * extent.height);
    this.#columns = memory.take(4 * extent.width);
    this.#between = memory.take(8 * (MOST_SIZE + 2) * (MOST_SIZE + taps.length + 1));
    const patch = memory.take(8 * (MOST_SIZE ** 2 + 1));
    const rowBytes = 4 * (extent.width + 4);
    const rows = memory.take(rowBytes * taps.length);
    const { buffer } = memory;
    memory.bytes().set(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength), this.#frame);
    new Float64Array(buffer, this.#taps, taps.length).set(taps);
    this.columns = new Int32Array(buffer, this.#columns, extent.width);
    this.#patch = new Float64Array(buffer, patch, MOST_SIZE ** 2);
    this.coarse = { ...extent, data: new Float32Array(buffer, this.#data, extent.width * extent.height) };
    this.#filterCoarsely(rows, rowBytes);
  }

  /** Rows filtered along x stay in a ring as long as the column filter needs them. */
  #filterCoarsely(rows: number, rowBytes: number): void {
    const { frame, width: rawWidth, height: rawHeight, origin, weights } = this.#image;
    const { taps, half } = this.#filter;
    const { width, x0, x1 } = this.coarse;
    const { filterRow, filterColumns } = this.#passes;
    const n = taps.length;
    const sky = new SkyRows(frame.grid, weights, origin - 1, rawWidth);
    for (let y = 0; y < rawHeight; y++) {
      const row = this.#frame + 2 * y * rawWidth;
      filterRow(row, this.#flip, this.#taps, n, half, x0, x1, rows + (y % n) * rowBytes);
      const target = y - (n - 1 - half);
      if (target < half || target % 2 === 1) continue;
      const at = this.#data + 4 * (target >> 1) * width;
      const first = (target - half) % n;
      sky.at(target + origin - 1);
      for (let s = 0; s < sky.segments; s++) {
        const from = Math.max(x0, (sky.start[s] + 1) >> 1);
        const to = Math.min(x1, (sky.end[s] + 1) >> 1);
        const slope = 2 * sky.slope[s];
        filterColumns(rows, rowBytes, first, this.#taps, n, from, to, sky.value[s], slope, at);
      }
    }
  }

  patch(x0: number, y0: number, size: number): Float64Array {
    const { taps, half } = this.#filter;
    const { width } = this.#image;
    const middle = (size - 1) / 2;
    const sky = skyAt(this.#image, x0 + middle, y0 + middle);
    const at = this.#frame + 2 * ((y0 - half) * width + x0 - half);
    const out = this.#patch.byteOffset;
    this.#passes.filterPatch(at, width, this.#flip, this.#taps, taps.length, size, sky, this.#between, out);
    return this.#patch;
  }

  list(y: number, x0: number, x1: number, least: number, needed: number): number {
    const { width } = this.coarse;
    const row = this.#data + 4 * y * width;
    return this.#passes.listPeaks(row, width, x0, x1, least, needed, this.#columns);
  }
}

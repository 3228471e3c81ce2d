// Outliers of a band of rows over many frames: counted frame by frame, then listed. 16-bit integers are counted in SIMD, all else by the plain count.
import type { SamplePasses } from '../simd/sample-passes.js';
import { countOutliers, type OutlierLimits, type SampleRows } from './outlier-counts.js';

/** Limits below this are counted in 16 bits. */
const MOST_LIMIT = 2 ** 15;

/** One band at a time of at most `rows` rows of a sensor. Memory: seven bytes a pixel of the band, and two for the rows around it. */
export class OutlierBand {
  readonly #passes: SamplePasses;
  readonly #samples: number;
  readonly #counts: number;
  readonly #list: number;
  readonly #width: number;
  readonly #height: number;
  readonly #step: 1 | 2;
  #from = 0;
  #to = 0;

  /** Takes its memory from the room, from which nothing else is to be taken meanwhile. `step`: distance of neighbours of like colour. */
  constructor(room: SamplePasses, width: number, height: number, rows: number, step: 1 | 2) {
    this.#passes = room;
    this.#width = width;
    this.#height = height;
    this.#step = step;
    this.#samples = this.#passes.take(2 * width * (rows + 2 * step));
    this.#counts = this.#passes.take(width * rows);
    this.#list = this.#passes.take(4 * width * rows);
  }

  /** Begins a band: rows [from, to) of the sensor. */
  begin(from: number, to: number): void {
    this.#from = from;
    this.#to = to;
    this.#view().fill(0);
  }

  /** The rows of the sensor that a band is counted from. */
  rowsFor(from: number, to: number): { readonly first: number; readonly count: number } {
    const first = Math.max(0, from - this.#step);
    return { first, count: Math.min(this.#height, to + this.#step) - first };
  }

  /** Counts a frame whose rows are there as big-endian 16-bit integers in ADU, but for a constant. */
  addStored(bytes: Uint8Array, limits: OutlierLimits): void {
    const width = this.#width;
    const step = this.#step;
    const first = Math.max(0, this.#from - step);
    const rows = bytes.length / (2 * width);
    // differences of integers lie beyond a limit where they lie beyond its whole part
    const [a, b, c, d] = limits.map(Math.floor);
    const from = Math.max(this.#from, step) - first;
    const to = Math.min(this.#to, this.#height - step) - first;
    const odd = (first & 1) === 1;
    this.#passes.bytes().set(bytes, this.#samples);
    const { swapBytes, countOutliers: count } = this.#passes.passes;
    swapBytes(this.#samples, width * rows, 0);
    const counts = this.#counts + width * (first + from - this.#from);
    const [e, f, g, h] = odd ? [c, d, a, b] : [a, b, c, d];
    count(this.#samples, counts, width, from, to, step, e, f, g, h);
  }

  /** Counts a frame whose rows are there as physical values. */
  addSamples(samples: Float32Array, limits: OutlierLimits): void {
    const width = this.#width;
    const first = Math.max(0, this.#from - this.#step);
    const rows: SampleRows = { samples, width, rows: samples.length / width, first, height: this.#height };
    countOutliers(this.#view(), rows, this.#from, this.#to, this.#step, limits);
  }

  /** Pixels of the sensor, ascending, that stood out on the same side in at least `least` frames more than on the other. */
  list(least: number): Uint32Array {
    const size = this.#width * (this.#to - this.#from);
    const first = this.#width * this.#from;
    const found = this.#passes.passes.listOutliers(this.#counts, size, least, first, this.#list);
    return new Uint32Array(this.#passes.buffer, this.#list, found).slice();
  }

  #view(): Int8Array {
    return new Int8Array(this.#passes.buffer, this.#counts, this.#width * (this.#to - this.#from));
  }
}

/** Whether these limits allow `OutlierBand.addStored`. */
export const countedAsStored = (limits: OutlierLimits): boolean =>
  limits.every((limit) => limit >= 0 && limit < MOST_LIMIT);

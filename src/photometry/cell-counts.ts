// Integer samples of one channel in one mesh cell, counted by value, and the differences of like neighbours, counted by size: what sorting them would give, in
// one pass.
import type { OrderedSamples } from './clipped-statistics.js';
import type { DifferenceSums } from './difference-noise.js';
import { medianOf } from './mesh-repair.js';

/** How the samples of a frame are counted: sample v is step (v >> shift), whatever the bits below, which all have alike. */
export interface CountingScale {
  readonly shift: number;
  /** What the bits below are. */
  readonly offset: number;
  /** Steps that are counted one by one. */
  readonly steps: number;
}

/** Rows that the scale of a frame is taken from, evenly spread, and the samples of them whose differences are looked at. */
const SCALE_ROWS = 32;
const SCALE_STRIDE = 8;
/** Standard deviations to either side that are counted. */
const REACH_SIGMA = 7;
const MIN_STEPS = 64;
/** Counting further costs more than sorting. */
const MAX_STEPS = 4096;

/** The scale for an integer plane `[rows, width]`; undefined where counting does not pay. */
export function countingScale(data: Uint16Array | Int16Array, width: number): CountingScale | undefined {
  const rows = Math.floor(data.length / width);
  const stride = Math.max(1, Math.floor(rows / SCALE_ROWS));
  const differences = new Float32Array(Math.ceil(data.length / SCALE_STRIDE));
  let count = 0;
  const [first] = data;
  let bits = 0;
  for (let y = 0; y < rows; y += stride) {
    for (let k = y * width + 2; k < (y + 1) * width; k++) {
      bits |= data[k] ^ first;
      if (k % SCALE_STRIDE === 0) differences[count++] = Math.abs(data[k] - data[k - 2]);
    }
  }
  if (bits === 0) return undefined;
  // 12- and 14-bit cameras shift their samples up: the true step is the lowest bit that any difference has
  const shift = 31 - Math.clz32(bits & -bits);
  // the median size of differences of two normal samples is 0.954 of the standard deviation of one
  const sigma = medianOf(differences.subarray(0, count)) / 0.954 / 2 ** shift;
  const steps = Math.max(MIN_STEPS, Math.ceil(2 * REACH_SIGMA * sigma));
  return steps > MAX_STEPS ? undefined : { shift, offset: first & (2 ** shift - 1), steps };
}

/** Counts of the samples of one channel in a cell, which `CellCounter` puts into its bins; used again from cell to cell. */
export class CellCounts implements OrderedSamples, DifferenceSums {
  count = 0;
  differing = 0;
  /** Value of step 0, in steps. */
  base = 0;
  /** True once something was asked for that lies outside of what is counted one by one. */
  failed = false;
  /** Where the bins lie in the memory of the passes. */
  address = 0;
  /** Samples below step 0, at each step, above the last; then differences of each size, and larger ones. */
  #bins = new Uint16Array(0);
  #under = 0;
  #over = 0;
  /** Largest difference that is in the sums, and the sums. */
  #reach = -1;
  #used = 0;
  #squares = 0;
  /** Samples, and their first and second moments, below each step. */
  readonly #before: Float64Array;
  readonly #first: Float64Array;
  readonly #second: Float64Array;

  constructor(readonly scale: CountingScale) {
    const { steps } = scale;
    this.#before = new Float64Array(steps + 1);
    this.#first = new Float64Array(steps + 1);
    this.#second = new Float64Array(steps + 1);
  }

  /** Memory that the bins need. */
  get binBytes(): number {
    return 2 * (2 * this.scale.steps + 3);
  }

  /** Says where the bins lie from now on. */
  place(buffer: ArrayBuffer, address: number): void {
    this.address = address;
    this.#bins = new Uint16Array(buffer, address, this.binBytes / 2);
  }

  /** Begins a cell whose samples lie about `middle`. */
  begin(middle: number): void {
    this.#bins.fill(0);
    this.base = (middle >> this.scale.shift) - (this.scale.steps >> 1);
    this.count = this.differing = 0;
    this.#reach = -1;
    this.#used = this.#squares = 0;
    this.failed = false;
  }

  /** Says that `lines` rows of `columns` samples each have gone into the bins. */
  added(lines: number, columns: number): void {
    this.count += lines * columns;
    this.differing += lines * Math.max(0, columns - 1);
  }

  /** Ends the cell: from here on it can be asked. */
  end(): void {
    const bins = this.#bins;
    const { steps } = this.scale;
    const [before, first, second] = [this.#before, this.#first, this.#second];
    let n = (this.#under = bins[0]);
    let sum = 0;
    let squares = 0;
    for (let step = 0; step < steps; step++) {
      before[step] = n;
      first[step] = sum;
      second[step] = squares;
      const here = bins[step + 1];
      n += here;
      sum += here * step;
      squares += here * step * step;
    }
    before[steps] = n;
    first[steps] = sum;
    second[steps] = squares;
    this.#over = bins[steps + 1];
  }

  at(rank: number): number {
    const before = this.#before;
    const { steps } = this.scale;
    if (rank < this.#under || rank >= this.count - this.#over) {
      this.failed = true;
      return rank < this.#under ? 0 : steps - 1;
    }
    let low = 0;
    let high = steps;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (before[middle] <= rank) low = middle;
      else high = middle;
    }
    return low;
  }

  below(value: number): number {
    return this.#before[this.#edge(Math.ceil(value))];
  }

  upTo(value: number): number {
    return this.#before[this.#edge(Math.floor(value) + 1)];
  }

  moments(low: number, high: number, about: number): { sum: number; squares: number } {
    const from = this.#edge(Math.ceil(low));
    const to = this.#edge(Math.floor(high) + 1);
    const n = this.#before[to] - this.#before[from];
    const sum = this.#first[to] - this.#first[from];
    const squares = this.#second[to] - this.#second[from];
    return { sum: sum - n * about, squares: squares - 2 * about * sum + n * about * about };
  }

  within(reach: number): { used: number; squares: number } {
    const { steps } = this.scale;
    const end = Math.floor(reach);
    if (end >= steps) this.failed = true;
    // limits shrink from one to the next: only what is left out is taken off again
    const last = Math.min(end, steps - 1);
    for (; this.#reach < last; this.#reach++) this.#addDifferences(this.#reach + 1, 1);
    for (; this.#reach > last; this.#reach--) this.#addDifferences(this.#reach, -1);
    return { used: this.#used, squares: this.#squares };
  }

  #addDifferences(size: number, sign: 1 | -1): void {
    const n = sign * this.#bins[this.scale.steps + 2 + size];
    this.#used += n;
    this.#squares += n * size * size;
  }

  /** A step that is counted, for any number of steps. */
  #edge(step: number): number {
    if (step < 0 && this.#under > 0) this.failed = true;
    if (step > this.scale.steps && this.#over > 0) this.failed = true;
    return Math.min(Math.max(step, 0), this.scale.steps);
  }
}

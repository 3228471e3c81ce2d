// Sorts the samples of one mesh cell, and finds the lattice they lie on: by counting for integer data, by the engine's own sort otherwise.

/** Result of `CellSorter.sort`: values are `offset + scale * sorted[i]`, ascending, on a lattice of step `quantum` (0: none). */
export interface SortedCell {
  readonly sorted: Float32Array;
  readonly offset: number;
  readonly scale: number;
  readonly quantum: number;
}

/** Lattice steps above the least sample that are counted one by one: the noise of nearly every sky; stars lie above. */
const COUNTED_STEPS = 2048;
/** With more samples than this fraction above, sorting by two digits is cheaper. */
const MAX_ABOVE_FRACTION = 0.15;

/** Reusable sorter for cells of up to `capacity` samples; a result is valid until the next call. */
export class CellSorter {
  readonly #sorted: Float32Array;
  readonly #keys: Uint16Array;
  readonly #spare: Uint16Array;
  readonly #low = new Uint32Array(256);
  readonly #high = new Uint32Array(256);
  readonly #counts = new Uint32Array(COUNTED_STEPS);

  constructor(capacity: number) {
    this.#sorted = new Float32Array(capacity);
    this.#keys = new Uint16Array(capacity);
    this.#spare = new Uint16Array(capacity);
  }

  /**
   * Sorts `samples[0..count)` (finite, count > 0). `unit` is the spacing of values that the file can hold (BSCALE of an integer
   * image), 0 for floating point data.
   */
  sort(samples: Float32Array, count: number, unit: number): SortedCell {
    if (unit > 0) {
      let least = samples[0];
      let greatest = samples[0];
      for (let i = 1; i < count; i++) {
        const v = samples[i];
        if (v < least) least = v;
        else if (v > greatest) greatest = v;
      }
      if ((greatest - least) / unit < 65535.5) return this.#sortIntegers(samples, count, unit, least);
    }
    this.#sorted.set(samples.subarray(0, count));
    this.#sorted.subarray(0, count).sort();
    return { sorted: this.#sorted, offset: 0, scale: 1, quantum: unit };
  }

  #sortIntegers(samples: Float32Array, count: number, unit: number, least: number): SortedCell {
    const keys = this.#keys;
    const perUnit = 1 / unit;
    let bits = 0;
    for (let i = 0; i < count; i++) {
      const key = ((samples[i] - least) * perUnit + 0.5) | 0;
      keys[i] = key;
      bits |= key;
    }
    // 12- and 14-bit cameras shift their samples up: the true step is the lowest bit that any difference has
    const shift = bits === 0 ? 0 : 31 - Math.clz32(bits & -bits);
    const above = this.#count(count, shift);
    if (above <= MAX_ABOVE_FRACTION * count) this.#writeCounted(count, above);
    else this.#sortByDigits(count);
    return { sorted: this.#sorted, offset: least, scale: unit * 2 ** shift, quantum: 1 };
  }

  /** Takes the keys to lattice steps and counts them; returns how many lie above what is counted, listed in `#spare`. */
  #count(count: number, shift: number): number {
    const keys = this.#keys;
    const spare = this.#spare;
    const counts = this.#counts.fill(0);
    let above = 0;
    for (let i = 0; i < count; i++) {
      const key = keys[i] >> shift;
      keys[i] = key;
      if (key < COUNTED_STEPS) counts[key]++;
      else spare[above++] = key;
    }
    return above;
  }

  #writeCounted(count: number, above: number): void {
    const sorted = this.#sorted;
    const counts = this.#counts;
    const keys = this.#keys;
    const counted = count - above;
    let before = 0;
    for (let key = 0; before < counted; key++) {
      const n = counts[key];
      counts[key] = before;
      before += n;
    }
    for (let i = 0; i < count; i++) {
      const key = keys[i];
      if (key < COUNTED_STEPS) sorted[counts[key]++] = key;
    }
    if (above > 0) sorted.set(this.#spare.subarray(0, above).sort(), counted);
  }

  #sortByDigits(count: number): void {
    const keys = this.#keys;
    const spare = this.#spare;
    const low = this.#low.fill(0);
    const high = this.#high.fill(0);
    for (let i = 0; i < count; i++) {
      const key = keys[i];
      low[key & 255]++;
      high[key >> 8]++;
    }
    let sumLow = 0;
    let sumHigh = 0;
    for (let b = 0; b < 256; b++) {
      const nLow = low[b];
      const nHigh = high[b];
      low[b] = sumLow;
      high[b] = sumHigh;
      sumLow += nLow;
      sumHigh += nHigh;
    }
    for (let i = 0; i < count; i++) spare[low[keys[i] & 255]++] = keys[i];
    const sorted = this.#sorted;
    for (let i = 0; i < count; i++) sorted[high[spare[i] >> 8]++] = spare[i];
  }
}

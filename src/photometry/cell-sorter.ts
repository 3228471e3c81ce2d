// Sorts the samples of one mesh cell, and finds the lattice they lie on: a radix sort for integer data, the engine's own sort otherwise.

/** Result of `CellSorter.sort`: values are `offset + scale * sorted[i]`, ascending, on a lattice of step `quantum` (0: none). */
export interface SortedCell {
  readonly sorted: Float32Array;
  readonly offset: number;
  readonly scale: number;
  readonly quantum: number;
}

/** Reusable sorter for cells of up to `capacity` samples; a result is valid until the next call. */
export class CellSorter {
  readonly #sorted: Float32Array;
  readonly #keys: Uint16Array;
  readonly #spare: Uint16Array;
  readonly #low = new Uint32Array(256);
  readonly #high = new Uint32Array(256);

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
    const spare = this.#spare;
    const perUnit = 1 / unit;
    let bits = 0;
    for (let i = 0; i < count; i++) {
      const key = ((samples[i] - least) * perUnit + 0.5) | 0;
      keys[i] = key;
      bits |= key;
    }
    // 12- and 14-bit cameras shift their samples up: the true step is the lowest bit that any difference has
    const shift = bits === 0 ? 0 : 31 - Math.clz32(bits & -bits);
    const low = this.#low.fill(0);
    const high = this.#high.fill(0);
    for (let i = 0; i < count; i++) {
      const key = keys[i] >> shift;
      keys[i] = key;
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
    return { sorted, offset: least, scale: unit * 2 ** shift, quantum: 1 };
  }
}

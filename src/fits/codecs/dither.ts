// Quantised floats and their subtractive dithers (FITS 4.0, section 10.2 and appendix I).

/** None, or one of the two of the standard. */
export type Dither = 'none' | 'subtractive-1' | 'subtractive-2';

/** Length of the random sequence (appendix I). */
const RANDOM_COUNT = 10000;
/** The integer that stands for exactly 0.0 under SUBTRACTIVE_DITHER_2. */
export const DITHERED_ZERO = -2147483646;
/** The integer that stands for NaN where cfitsio writes. */
export const DITHERED_NAN = -2147483647;

let sequence: Float32Array | undefined;

/** Park & Miller's minimal standard generator, seed 1, as float32 fractions. */
export function ditherSequence(): Float32Array {
  if (!sequence) {
    sequence = new Float32Array(RANDOM_COUNT);
    let seed = 1;
    for (let i = 0; i < RANDOM_COUNT; i++) {
      seed = (seed * 16807) % 2147483647;
      sequence[i] = seed / 2147483647;
    }
  }
  return sequence;
}

/** Walks the sequence as every reader and writer of a tile must: start from the tile's number and ZDITHER0. */
export class DitherWalk {
  readonly #random = ditherSequence();
  #start: number;
  #next: number;

  /** `tile` counts from 0; `seed` is ZDITHER0. */
  constructor(tile: number, seed: number) {
    this.#start = (tile + Math.max(seed, 1) - 1) % RANDOM_COUNT;
    this.#next = Math.trunc(this.#random[this.#start] * 500);
  }

  next(): number {
    const value = this.#random[this.#next++];
    if (this.#next === RANDOM_COUNT) {
      this.#start = (this.#start + 1) % RANDOM_COUNT;
      this.#next = Math.trunc(this.#random[this.#start] * 500);
    }
    return value;
  }
}

/**
 * Physical floats from quantised integers: `(q - r + 0.5) * scale + zero` with dither, `q * scale + zero` without.
 * `blank` becomes NaN.
 */
export function dequantise(
  quantised: Int32Array,
  out: Float32Array | Float64Array,
  options: { scale: number; zero: number; blank?: number; dither: Dither; tile: number; seed: number },
): void {
  const { scale, zero, blank, dither } = options;
  const count = quantised.length;
  if (dither === 'none') {
    for (let i = 0; i < count; i++) out[i] = quantised[i] * scale + zero;
  } else {
    const walk = new DitherWalk(options.tile, options.seed);
    const exactZero = dither === 'subtractive-2';
    for (let i = 0; i < count; i++) {
      const q = quantised[i];
      const r = walk.next();
      out[i] = exactZero && q === DITHERED_ZERO ? 0 : (q - r + 0.5) * scale + zero;
    }
  }
  if (blank !== undefined) for (let i = 0; i < count; i++) if (quantised[i] === blank) out[i] = NaN;
}

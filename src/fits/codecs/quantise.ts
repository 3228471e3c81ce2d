// Floats to integers for RICE (FITS 4.0, section 10.2; White & Greenfield 1999; Pence et al. 2009): the step is a
// fraction of the noise of the tile, dithered so that no average is biased.
import { DITHERED_NAN, DITHERED_ZERO, DitherWalk, type Dither } from './dither.js';

/** Integers stay clear of the two that have a meaning of their own. */
const MAX_STEPS = 2 ** 31 - 16;

/** Enough differences for the median to be good to about 6 %, all a step size needs. */
const NOISE_SAMPLES = 400;

/**
 * Noise of a row from differences of third order, `0.6052697 median |2 x[i] - x[i-2] - x[i+2]|`: blind to gradients and
 * mostly to stars (Stoehr et al. 2008, DER_SNR). Differences with a NaN are left out; 0 when fewer than 5 remain.
 */
export function rowNoise(values: Float32Array): number {
  const step = Math.max(1, Math.floor((values.length - 4) / NOISE_SAMPLES));
  const differences = new Float32Array(Math.max(0, Math.ceil((values.length - 4) / step)));
  let count = 0;
  for (let i = 2; i < values.length - 2; i += step) {
    const difference = Math.abs(2 * values[i] - values[i - 2] - values[i + 2]);
    if (difference <= Infinity) differences[count++] = difference;
  }
  if (count < 5) return 0;
  return 0.6052697 * differences.subarray(0, count).sort()[count >> 1];
}

/**
 * Quantises a tile with step `noise / level`; undefined when that cannot be done without loss of range (no noise, no
 * finite pixel, infinities, too many steps): the caller keeps such a tile as floats.
 */
export function quantise(
  values: Float32Array,
  options: { level: number; dither: Dither; tile: number; seed: number },
): { integers: Int32Array; scale: number; zero: number } | undefined {
  const scale = rowNoise(values) / options.level;
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value === Infinity || value === -Infinity) return undefined;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (!(scale > 0) || !(high >= low) || (high - low) / scale > MAX_STEPS * 0.9) return undefined;
  const walk = options.dither === 'none' ? undefined : new DitherWalk(options.tile, options.seed);
  const exactZero = options.dither === 'subtractive-2';
  const integers = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    const r = walk ? walk.next() : 0.5;
    if (Number.isNaN(value)) integers[i] = DITHERED_NAN;
    else if (exactZero && value === 0) integers[i] = DITHERED_ZERO;
    else integers[i] = Math.round((value - low) / scale + r - 0.5);
  }
  return { integers, scale, zero: low };
}

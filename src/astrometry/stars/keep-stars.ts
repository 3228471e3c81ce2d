// The list of a frame's stars, from all sources that were measured on it.
import { sharedPasses } from '../../simd/sample-passes.js';
import type { DetectionImage } from './detection-image.js';
import type { Lights, Peaks, Sources } from './star-finder.js';
import type { StarList } from './star-list.js';

/** Peaks and sources that stand out at least this far are well exposed. */
export const GOOD_SNR = 10;
/** Sources this much narrower or wider than the frame's stars are none, unless saturated. */
const NARROWEST = 0.5;
const WIDEST = 2.5;
/** More elongated than this, and by this much more than the frame's stars are: a trail. */
const TRAIL_ELLIPTICITY = 0.6;
const TRAIL_EXCESS = 0.3;
/**
 * What a round aperture loses of stars that wind or a drifting mount drew out in one direction, in ln flux: units of the squared logarithm of the axis ratio as it is measured, in an aperture of
 * `apertureRadius`: 0.090 to 0.110 on drawn Moffat stars (exponents 2.5 to 4.5, 2.2 to 5.5 pixels wide, axis ratios 0.6 to 0.9, on mono and CFA). Frames by 0.8 and 1 differ by 0.4 %, which would
 * pass for transparency. Fluxes are made those of round stars as wide, as far as the elongations of all stars have something in common, as vectors of twice the angle: what optics do to the corners,
 * each its own way, is the same in all frames and stays; that noise gives each star some elongation is allowed for (the squared length of the mean is estimated without bias).
 */
export const ELONGATION_LOSS = 0.1;
/** Fewer stars tell more about themselves than about the frame. */
export const FEWEST_ELONGATED = 5;

/** Numbers of the rules that the pass takes, and of what comes out behind them. */
const RULES = 9;
const MEDIANS = 2;
/** Bytes that the pass needs beside a source's own, and for places of all. */
const SCRATCH_BYTES = 64;
const PLACES_BYTES = 4 * 2048;

/** Median of a number of the well exposed sources, of all where there are fewer than five of them; NaN without any. */
export function typical({ count, snr, fwhm }: Sources): number {
  const memory = sharedPasses();
  const [values, heights] = [memory.put(fwhm), memory.put(snr)];
  return memory.passes.typicalOf(values, heights, 0, count, GOOD_SNR, memory.take(24 * count));
}

/** `most` of the well exposed peaks, evenly taken; all peaks where these are no more. */
export function samplePeaks(peaks: Peaks, most: number): Peaks {
  const memory = sharedPasses();
  const { length } = peaks.at;
  const chosen = memory.take(4 * length);
  if (memory.passes.wellExposed(memory.put(peaks.snr), length, GOOD_SNR, most, chosen) === 0) return peaks;
  const at = new Uint32Array(memory.buffer, chosen, most);
  const sample = { at: new Int32Array(most), snr: new Float32Array(most) };
  for (let i = 0; i < most; i++) {
    sample.at[i] = peaks.at[at[i]];
    sample.snr[i] = peaks.snr[at[i]];
  }
  return sample;
}

/** Stars, brightest first, of a frame whose stars are `fwhm` wide: sources like these, each once, that have light. */
export function keepStars(
  { width, origin, frame }: DetectionImage,
  { count, x, y, snr, ...shapes }: Sources,
  { flux, saturated }: Lights,
  fwhm: number,
): StarList {
  const memory = sharedPasses();
  const channels = frame.grid.level.length;
  // a quarter of the raw samples is red, half green, a quarter blue
  const shares = frame.cfa ? [1 / 4, 1 / 2, 1 / 4] : frame.grid.level.map(() => 1);
  const out = memory.take((16 + 4 * (4 + channels) + 1) * count);
  const record = [
    ...[count, channels, width, memory.put(x), memory.put(y), memory.put(shapes.fwhm)],
    ...[memory.put(shapes.ellipticity), memory.put(shapes.angle), memory.put(snr)],
    ...[memory.put(flux), memory.put(saturated), memory.put(Float64Array.from(shares))],
    ...[memory.take(SCRATCH_BYTES * count + PLACES_BYTES), out],
  ];
  const rules = [fwhm, origin, NARROWEST, WIDEST, TRAIL_ELLIPTICITY, TRAIL_EXCESS, GOOD_SNR, ELONGATION_LOSS];
  const how = memory.put(Float64Array.of(...rules, FEWEST_ELONGATED, NaN, NaN));
  const stars = memory.passes.keepStars(memory.put(Uint32Array.from(record)), how);
  const { buffer } = memory;
  const [medianFwhm, medianEllipticity] = new Float64Array(buffer, how + 8 * RULES, MEDIANS);
  const place = (column: number) => new Float64Array(buffer, out + 8 * column * count, stars).slice();
  const floats = out + 16 * count;
  const of = (column: number) => new Float32Array(buffer, floats + 4 * column * count, stars).slice();
  return {
    ...{ count: stars, x: place(0), y: place(1), flux: of(0) },
    channelFlux: frame.grid.level.map((_, c) => of(4 + c)),
    ...{ snr: of(1), fwhm: of(2), ellipticity: of(3) },
    saturated: new Uint8Array(buffer, floats + 4 * (4 + channels) * count, stars).slice(),
    ...{ medianFwhm, medianEllipticity },
  };
}

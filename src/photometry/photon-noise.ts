// How much of the noise of stars is of their own photons, told by how stars of all brightnesses scatter.
import { selectMedian } from './select-median.js';

/** Stars of a frame: what it shows of each, the standard deviation by its sky, and what all frames together say it should show. ADU. */
interface ShownStars {
  readonly flux: Float32Array;
  readonly sigma: Float32Array;
  readonly model: Float64Array;
}

/** Parts of equal number, by brightness, whose scatters are compared. */
const PARTS = 12;
/** Fewer stars in a part tell no scatter, and fewer parts nothing of how it grows. */
const MIN_IN_PART = 20;
const MIN_PARTS = 4;
/** Photons alone leave the middle star at least so many times its noise: what scatters more than that does so for another reason. */
const MIN_PHOTON_SIGNAL_TO_NOISE = 20;
/** Observations that are looked at: more only cost time. */
const MAX_OBSERVATIONS = 6000;
/** The flux at which photons are as noisy as the sky is sought over this range about the middle one, in steps of a fifth of a decade. */
const DECADES = 2.5;
const STEPS_A_DECADE = 5;

/**
 * Variance of a flux per ADU of it, k, such that bright and faint stars scatter alike in units of sqrt(sigma^2 + k flux + (floor flux)^2); 0 where no k makes them
 * more alike than none. The common factor of the scatter is free: that the sky's part is known by its noise, up to a factor, is enough.
 */
export function photonNoise(frames: readonly ShownStars[], floor: number): number {
  const total = frames.reduce((sum, { flux }) => sum + flux.length, 0);
  const stride = Math.max(1, Math.ceil(total / MAX_OBSERVATIONS));
  const seen: { model: number; sky: number; difference: number }[] = [];
  let at = 0;
  for (const { flux, sigma, model } of frames)
    for (let i = 0; i < flux.length; i++) {
      if (at++ % stride !== 0 || !(model[i] > 0)) continue;
      seen.push({ model: model[i], sky: sigma[i] ** 2, difference: Math.abs(flux[i] - model[i]) });
    }
  const parts = Math.min(PARTS, Math.floor(seen.length / MIN_IN_PART));
  if (parts < MIN_PARTS) return 0;
  seen.sort((a, b) => a.model - b.model);
  const middle = seen[seen.length >> 1];
  const model = Float64Array.from(seen, (star) => star.model);
  const fixed = Float64Array.from(seen, (star) => star.sky + (floor * star.model) ** 2);
  const difference = Float64Array.from(seen, (star) => star.difference);
  const sizes = new Float64Array(seen.length);
  const start = (part: number) => Math.floor((part * seen.length) / parts);
  const unequal = (k: number): number => {
    for (let i = 0; i < sizes.length; i++) sizes[i] = difference[i] / Math.sqrt(fixed[i] + k * model[i]);
    const logs = Array.from({ length: parts }, (_, p) =>
      Math.log(Math.max(selectMedian(sizes.subarray(start(p), start(p + 1))), Number.MIN_VALUE)),
    );
    const mean = logs.reduce((a, b) => a + b, 0) / parts;
    return logs.reduce((sum, log) => sum + (log - mean) ** 2, 0);
  };
  let best = 0;
  let least = unequal(0);
  for (let step = -DECADES * STEPS_A_DECADE; step <= DECADES * STEPS_A_DECADE; step++) {
    const k = (middle.sky / middle.model) * 10 ** (step / STEPS_A_DECADE);
    if (k * MIN_PHOTON_SIGNAL_TO_NOISE ** 2 > middle.model) break;
    const of = unequal(k);
    if (of < least) [best, least] = [k, of];
  }
  return best;
}

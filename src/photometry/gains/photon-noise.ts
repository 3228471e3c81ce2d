// How much of the noise of stars is of their own photons, told by how stars of all brightnesses scatter.
import { sharedPasses } from '../../simd/sample-passes.js';
import type { OneByOne } from '../one-by-one.js';

/** Stars of a frame: what it shows of each, the standard deviation by its sky, and what all frames together say it should show. ADU. */
export interface ShownStars {
  readonly flux: Float32Array;
  readonly sigma: Float32Array;
  readonly model: (star: number) => number;
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
export function photonNoise(frames: OneByOne<ShownStars>, floor: number): number {
  let total = 0;
  for (let f = 0; f < frames.length; f++) total += frames.at(f)!.flux.length;
  const stride = Math.max(1, Math.ceil(total / MAX_OBSERVATIONS));
  const most = Math.ceil(total / stride);
  const memory = sharedPasses();
  const doubles = () => memory.take(8 * most);
  const [keys, order, spareOrder] = [doubles(), memory.take(4 * most), memory.take(4 * most)];
  const [model, fixed, difference] = [doubles(), doubles(), doubles()];
  const [spare, medians] = [memory.take(24 * most), memory.take(8 * PARTS)];
  const given = new Float64Array(memory.buffer, keys, most);
  const [sky, off] = [new Float64Array(most), new Float64Array(most)];
  // the next one to be looked at, by its place in its frame
  let [next, count] = [0, 0];
  for (let f = 0; f < frames.length; f++) {
    const { flux, sigma, model: modelOf } = frames.at(f)!;
    for (; next < flux.length; next += stride) {
      const expected = modelOf(next);
      if (!(expected > 0)) continue;
      given[count] = expected;
      sky[count] = sigma[next] * sigma[next];
      off[count++] = Math.abs(flux[next] - expected);
    }
    next -= flux.length;
  }
  const parts = Math.min(PARTS, Math.floor(count / MIN_IN_PART));
  if (parts < MIN_PARTS) return 0;
  memory.passes.orderOf(keys, count, order, spareOrder);
  const sorted = new Uint32Array(memory.buffer, order, count);
  const of = (address: number, length = count) => new Float64Array(memory.buffer, address, length);
  const [toModel, toFixed, toDifference, found] = [of(model), of(fixed), of(difference), of(medians, parts)];
  for (let k = 0; k < count; k++) {
    const i = sorted[k];
    const light = given[i];
    toModel[k] = light;
    toFixed[k] = sky[i] + floor * light * (floor * light);
    toDifference[k] = off[i];
  }
  const middle = { model: toModel[count >> 1], sky: sky[sorted[count >> 1]] };
  const unequal = (k: number): number => {
    memory.passes.photonMedians(difference, fixed, model, count, parts, k, spare, medians);
    let [sum, squares] = [0, 0];
    for (let p = 0; p < parts; p++) {
      found[p] = Math.log(Math.max(found[p], Number.MIN_VALUE));
      sum += found[p];
    }
    for (let p = 0; p < parts; p++) squares += (found[p] - sum / parts) ** 2;
    return squares;
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

// The light of a line across it.
import { ACROSS, FINE, Pieces, REACH } from './cut-line';
import { medianOfValid, scatterOfValid } from './valid-ranks';
import { f32At, putF32 } from '../words';

/** Samples from the line beyond which there is sky. */
const SKY_FROM: i32 = 14;
/** Samples to either side in which the peak is sought. */
const PEAK_WITHIN: i32 = 4;
/** Least height of the profile over its noise. */
const LEAST_SNR: f64 = 12;
/** The strip ends where the profile falls below this share of its height, or so many deviations of its noise. */
const RIM_SHARE: f64 = 0.015;
const RIM_SIGMA: f64 = 2.5;

/** Where the light begins and ends, samples from the line, and its height over the noise. */
@unmanaged
export class Profile {
  low: f64;
  high: f64;
  snr: f64;
}

/** `out`: the ridge that medians along the pieces show; false where they show none. `scratch` has room for f32 [ACROSS] twice, f32 [pieces] twice, and three times the greater of both. */
export function stripProfile(pieces: Pieces, scratch: usize, out: Profile): bool {
  const count = pieces.count, means = pieces.means;
  const profile = scratch, sky = profile + (<usize>ACROSS << 2), skies = sky + (<usize>ACROSS << 2);
  const column = skies + (<usize>count << 2), room = column + (<usize>count << 2);
  for (let t = 0; t < count; t++) putF32(skies, t, medianOfValid(means + (<usize>(t * ACROSS) << 2), ACROSS, room));
  let far = 0;
  for (let u = 0; u < ACROSS; u++) {
    for (let t = 0; t < count; t++) putF32(column, t, f32At(means, t * ACROSS + u) - f32At(skies, t));
    putF32(profile, u, medianOfValid(column, count, room));
    if (abs<i32>(u - REACH * FINE) >= SKY_FROM * FINE) putF32(sky, far++, f32At(profile, u));
  }
  const level = medianOfValid(sky, far, room);
  const noise = scatterOfValid(sky, far, room);
  let peak = REACH * FINE;
  for (let u = (REACH - PEAK_WITHIN) * FINE; u <= (REACH + PEAK_WITHIN) * FINE; u++)
    if (f32At(profile, u) > f32At(profile, peak)) peak = u;
  const height = f32At(profile, peak) - level;
  if (height < LEAST_SNR * noise) return false;
  const limit = level + max<f64>(RIM_SIGMA * noise, RIM_SHARE * height);
  let low = peak, high = peak;
  while (low > 0 && f32At(profile, low - 1) > limit) low--;
  while (high < ACROSS - 1 && f32At(profile, high + 1) > limit) high++;
  // as wide as what is looked at: no trail
  if (low < (REACH - SKY_FROM) * FINE || high > (REACH + SKY_FROM) * FINE) return false;
  out.low = <f64>low / FINE - REACH - 0.5;
  out.high = <f64>high / FINE - REACH + 0.5;
  out.snr = height / noise;
  return true;
}

// Sky and noise of the image that stars are sought on: `src/astrometry/stars/detection-image.ts` says what they are.
import { f32At, f64At, putF32 } from '../words';

/** From levels and noises (f32 [channels, count] each): the sum of `weights` (f64 [channels]) times the levels, and the root of that of `shares` times the squares of the noises, f32 [count] each. */
export function joinChannels(
  levels: usize,
  noises: usize,
  channels: u32,
  count: u32,
  weights: usize,
  shares: usize,
  level: usize,
  noise: usize,
): void {
  for (let k: u32 = 0; k < count; k++) {
    let sky: f64 = 0, square: f64 = 0;
    for (let c: u32 = 0; c < channels; c++) {
      const one = f32At(noises, c * count + k);
      sky += f64At(weights, c) * f32At(levels, c * count + k);
      square += f64At(shares, c) * (one * one);
    }
    putF32(level, k, sky);
    putF32(noise, k, sqrt<f64>(square));
  }
}

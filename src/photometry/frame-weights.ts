// Weight of each frame in the stack, per channel.
import { CodedError } from '../errors.js';

/** `stacking_weighting_method`: all alike, or by inverse variance. */
export type WeightingMethod = 'none' | 'noise_variance';

/** What a weight is made from, per channel: noise of a raw pixel in ADU, and the gain that the warp multiplies the samples by. */
export interface FrameNoise {
  readonly noise: readonly number[];
  readonly gain: readonly number[];
}

/**
 * Weights `[frame][channel]`. `noise_variance`: 1 / (gain^2 noise^2 factor), the inverse variance of a warped sample in ADU^-2, `factors` from
 * `varianceFactors` (one per channel; a single one serves all). `none`: 1. Throws `photometry_noise_not_positive` where an inverse variance does not exist.
 */
export function frameWeights(
  method: WeightingMethod,
  frames: readonly FrameNoise[],
  factors: readonly number[],
): number[][] {
  return frames.map((frame, index) =>
    frame.noise.map((noise, channel) => {
      if (method === 'none') return 1;
      const factor = factors.length === 1 ? factors[0] : factors[channel];
      const variance = (frame.gain[channel] * noise) ** 2 * factor;
      if (!(variance > 0) || !Number.isFinite(variance))
        throw new CodedError('photometry_noise_not_positive', {
          frame: index + 1,
          channel: channel + 1,
          noise,
        });
      return 1 / variance;
    }),
  );
}

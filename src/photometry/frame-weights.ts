// Weight of each frame in the stack, per channel.
import { CodedError } from '../errors.js';
import { medianOf } from './mesh-repair.js';

/**
 * `stacking_weighting_method`, as what a weight is proportional to: `none` nothing, `noise_variance` 1 / variance (best for the sky and extended
 * light), `noise_fwhm` 1 / (variance FWHM^2) (best for stars: the noise under one grows with its area), `snr` 1 / standard deviation,
 * `exposure` the exposure time.
 */
export type WeightingMethod = 'none' | 'noise_variance' | 'noise_fwhm' | 'snr' | 'exposure';

/** What a variance is made from, per channel: noise of a raw pixel in ADU, and the gain that the warp multiplies the samples by. */
export interface FrameNoise {
  readonly noise: readonly number[];
  readonly gain: readonly number[];
}

/** What weights may depend on beside the noise; NaN where it is not known, which counts as the others' median. */
export interface FrameFacts {
  readonly fwhmPx: number;
  readonly exposureS: number;
}

/**
 * Variance of a warped sample in ADU^2, per channel: gain^2 noise^2 factor, `factors` from `varianceFactors` (one per channel; a single one serves all).
 * Throws `photometry_noise_not_positive` where it is not a positive number; `frame` names the frame then.
 */
export function sampleVariances(
  { noise: noises, gain }: FrameNoise,
  factors: readonly number[],
  frame: number,
): number[] {
  return noises.map((noise, channel) => {
    const factor = factors.length === 1 ? factors[0] : factors[channel];
    const variance = (gain[channel] * noise) ** 2 * factor;
    if (!(variance > 0) || !Number.isFinite(variance))
      throw new CodedError('photometry_noise_not_positive', {
        frame: frame + 1,
        channel: channel + 1,
        noise,
      });
    return variance;
  });
}

/**
 * Weights `[frame][channel]` from `variances[frame][channel]`. Whatever they are proportional to, they are scaled so that 1 / sum of weights is the
 * variance of the weighted mean of all frames: with weights u that variance is sum u^2 v / (sum u)^2, so w = u sum u / sum u^2 v.
 * For `noise_variance` that is 1 / v, and exact for any subset of the frames.
 */
export function frameWeights(
  method: WeightingMethod,
  variances: readonly (readonly number[])[],
  facts: readonly FrameFacts[],
): number[][] {
  const fwhm = knownOrMedian(facts.map(({ fwhmPx }) => fwhmPx));
  const exposure = knownOrMedian(facts.map(({ exposureS }) => exposureS));
  const relative = variances.map((channels, f) =>
    channels.map((variance) => {
      if (method === 'noise_variance') return 1 / variance;
      if (method === 'noise_fwhm') return 1 / (variance * fwhm[f] ** 2);
      if (method === 'snr') return 1 / Math.sqrt(variance);
      return method === 'exposure' ? exposure[f] : 1;
    }),
  );
  const scales = (variances[0] ?? []).map((_, c) => {
    const sum = relative.reduce((total, frame) => total + frame[c], 0);
    return sum / relative.reduce((total, frame, f) => total + frame[c] ** 2 * variances[f][c], 0);
  });
  return relative.map((frame) => frame.map((weight, c) => weight * scales[c]));
}

/** The values, those that are no positive numbers replaced by the median of the others, or by 1 when there are none. */
function knownOrMedian(values: readonly number[]): number[] {
  const isKnown = (value: number) => value > 0 && Number.isFinite(value);
  const known = values.filter(isKnown);
  const middle = known.length > 0 ? medianOf(known) : 1;
  return values.map((value) => (isKnown(value) ? value : middle));
}

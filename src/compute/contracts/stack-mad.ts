// Iterative clipping about the median by the median absolute deviation, then the weighted mean (or the median) of the survivors.
import { defineContract } from '../contract.js';
import { clippingParams, stackBuffers, stackThreads } from './stack-buffers.js';

/** Makes the median absolute deviation the standard deviation of a normal distribution: 1 / quantile of 3/4. */
export const MAD_CONSISTENCY = 1.482602218505602;

/**
 * As stack-kappa-sigma, with sigma = MAD_CONSISTENCY times the median of |v - m| over the survivors (mean of the middle two of an even count). Half of
 * the samples may be outliers. Where more than half are equal sigma is 0, and nothing more is rejected.
 */
export const stackMad = defineContract({
  stem: 'stack-mad',
  params: clippingParams,
  buffers: stackBuffers,
  threads: stackThreads,
  stencil: 0,
});

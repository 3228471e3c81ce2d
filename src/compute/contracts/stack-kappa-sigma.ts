// Iterative kappa-sigma clipping about the median, then the weighted mean (or the median) of the survivors.
import { defineContract } from '../contract.js';
import { clippingParams, stackBuffers, stackThreads } from './stack-buffers.js';

/**
 * Repeat at most `maxIterations` times, while at least 3 samples survive: m = median, s = standard deviation (n - 1, about the mean) of the
 * survivors; a survivor v with v < m - kappaLow s is rejected low, with v > m + kappaHigh s rejected high; stop when nothing was
 * rejected or s = 0. At least one sample always survives (where all would go, what equals the lower of the
 * middle samples stays). Equal samples share their fate: survivors are the
 * samples between the least and the greatest surviving value. `combine` 0: weighted mean of the
 * survivors in slot order; 1: their median.
 */
export const stackKappaSigma = defineContract({
  stem: 'stack-kappa-sigma',
  params: clippingParams,
  buffers: stackBuffers,
  threads: stackThreads,
  stencil: 0,
});

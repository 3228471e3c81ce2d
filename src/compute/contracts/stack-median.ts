// Median of all valid samples.
import { defineContract } from '../contract.js';
import { stackBuffers, stackParams, stackThreads } from './stack-buffers.js';

/** Unweighted median (mean of the middle two of an even count); `weight` is the sum of all valid weights, nothing is rejected. */
export const stackMedian = defineContract({
  stem: 'stack-median',
  params: stackParams,
  buffers: stackBuffers,
  threads: stackThreads,
  stencil: 0,
});

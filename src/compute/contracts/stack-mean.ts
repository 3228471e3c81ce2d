// Weighted mean of all valid samples, no rejection.
import { defineContract } from '../contract.js';
import { stackBuffers, stackParams, stackThreads } from './stack-buffers.js';

/** mean = sum w v / sum w over the valid samples of a pixel, in slot order. */
export const stackMean = defineContract({
  stem: 'stack-mean',
  params: stackParams,
  buffers: stackBuffers,
  threads: stackThreads,
  stencil: 0,
});

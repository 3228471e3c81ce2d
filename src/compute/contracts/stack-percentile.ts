// Percentile clipping: beyond a share of the median, then the weighted mean (or the median) of the survivors.
import { defineContract } from '../contract.js';
import { clippingParams, stackBuffers, stackThreads } from './stack-buffers.js';

/**
 * As stack-kappa-sigma, with |m| in place of sigma: kappaLow and kappaHigh are shares of the median, and usually `maxIterations` is 1. For levels above 0 and
 * stacks too small for any estimate of their scatter; where m = 0 nothing is rejected.
 */
export const stackPercentile = defineContract({
  stem: 'stack-percentile',
  params: clippingParams,
  buffers: stackBuffers,
  threads: stackThreads,
  stencil: 0,
});

// Drops the least and the greatest samples by count, then the weighted mean (or the median) of the others.
import { defineContract } from '../contract.js';
import { stackBuffers, stackParams, stackThreads } from './stack-buffers.js';

/**
 * Of n samples the `dropLow` least and the `dropHigh` greatest are rejected, where n >= 3 and n > dropLow + dropHigh; of fewer, none. What equals a surviving
 * extreme survives.
 */
export const stackMinMax = defineContract({
  stem: 'stack-min-max',
  params: { ...stackParams, dropLow: 'u32', dropHigh: 'u32', combine: 'u32' },
  buffers: stackBuffers,
  threads: stackThreads,
  stencil: 0,
});

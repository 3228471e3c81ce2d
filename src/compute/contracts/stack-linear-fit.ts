// Linear-fit clipping: about a straight line through the sorted samples, then the weighted mean (or the median) of the survivors.
import { defineContract } from '../contract.js';
import { clippingParams, stackBuffers, stackThreads } from './stack-buffers.js';

/** Samples on a line leave residuals of rounding alone: a mean residual up to this part of their range is none. */
export const LINEAR_FIT_ROUNDING = 1e-5;

/**
 * Repeat at most `maxIterations` times, while at least 3 samples survive: fit v = a + b k by least squares to the n survivors in ascending order, k = 0 .. n - 1
 * their rank; s = mean of |residual|. From below, samples whose residual is < -kappaLow s are rejected low up to the first that is not; from above those
 * with a residual > kappaHigh s are rejected high. Stop when nothing was rejected or s is nothing but rounding (LINEAR_FIT_ROUNDING). Some always survive, because the residuals of a
 * fitted line change their sign twice; equal samples share their fate, because residuals fall along them.
 *
 * The line follows a spread that drifts (a sky that brightens) and that no sigma about one value describes. Wants 15 samples and more: of few, an outlier
 * takes the line along.
 */
export const stackLinearFit = defineContract({
  stem: 'stack-linear-fit',
  params: clippingParams,
  buffers: stackBuffers,
  threads: stackThreads,
  stencil: 0,
});

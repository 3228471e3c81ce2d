// Winsorised sigma clipping, then the weighted mean (or the median) of the survivors.
import { defineContract } from '../contract.js';
import { clippingParams, stackBuffers, stackThreads } from './stack-buffers.js';

/** Most steps of the inner winsorising loop; convergence comes much sooner except with 3 samples and a huge outlier. */
export const WINSOR_MAX_STEPS = 60;
/** Relative change of sigma at which the winsorising loop ends. */
export const WINSOR_TOLERANCE = 5e-4;
/** Samples are pulled in to this many sigma (Huber 1981). */
export const WINSOR_CUTOFF = 1.5;
/** Makes the winsorised standard deviation at cutoff 1.5 consistent for a normal distribution. */
export const WINSOR_CONSISTENCY = 1.134;

/**
 * Outer loop as in stack-kappa-sigma (median m of the survivors, reject beyond kappaLow/kappaHigh times sigma, at most `maxIterations`, at least 3
 * survivors), with a robust sigma: s0 = standard deviation (n - 1) of the survivors; repeat: w_i = clamp(v_i, m - 1.5 s, m + 1.5 s), s' =
 * 1.134 * standard deviation (n - 1) of w; until |s' - s| <= 5e-4 s or WINSOR_MAX_STEPS; sigma = s'. All from the survivors' values in sorted or slot
 * order as the backend likes; sums in float32 about m or better.
 */
export const stackWinsorised = defineContract({
  stem: 'stack-winsorised',
  params: clippingParams,
  buffers: stackBuffers,
  threads: stackThreads,
  stencil: 0,
});

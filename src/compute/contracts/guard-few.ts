// Where few frames overlap, a sample far from what the others show is taken out before the stack: a clip by the samples' own scatter cannot see it there.
import { defineContract } from '../contract.js';

interface GuardShape {
  readonly width: number;
  readonly height: number;
  readonly planes: number;
  readonly slots: number;
}

const perPixel = (p: GuardShape) => p.planes * p.width * p.height;

/** Variance of a median of normal samples, in units of that of their weighted mean (pi/2 for many). */
export const MEDIAN_VARIANCE = 1.6;
/** A sample beyond this part of its limit goes too where its surroundings stand out with it. */
export const GUARD_NEAR = 0.5;
/** Part of the limit that the mean over the 3 x 3 samples around it must exceed for that. */
export const GUARD_AROUND = 0.6;
/** Steps between medians of neighbours count from this many of their standard deviations on: the largest of four is about as large by noise alone. */
export const GUARD_STEP_NOISE = 2;

/**
 * Moves slot `slot + 1` of the cube to slot `slot`, leaving out what stands alone. With n = used, m = median, W = weight (the products of stack-median
 * over all frames), v the sample, w = frame_weights[slot*planes + c] its inverse variance and r = v - m:
 * limit T = kappa sqrt(1/w + MEDIAN_VARIANCE/W) + slope max(0, d - GUARD_STEP_NOISE sqrt(MEDIAN_VARIANCE/W)), kappa that of the side of m on which v lies,
 * d the greatest |m - m_q| over the four direct neighbours q: stars are sharper in one frame than in the next, and shifted by parts of a pixel (after Fruchter & Hook 2002, section 4).
 * v is taken out when |r| > T; or when |r| > GUARD_NEAR T and the mean of r over the valid samples among its 3 x 3 neighbours, itself
 * included, lies on the same side and beyond GUARD_AROUND T: the rims of trails. Never where n < 3, n > maxSamples or the median is blank, nor when as many as
 * half of the samples of the pixel would then be gone: 2 (rejected_low + rejected_high + 1) >= n, the counts being those of the slots before.
 * A sample that is taken out becomes BLANK_VALUE and is counted. Neighbours count inside their block of BLOCK_SIZE only, so that the result does not
 * depend on cells, and where their median is valid.
 */
export const guardFew = defineContract({
  stem: 'guard-few',
  params: {
    width: 'u32',
    height: 'u32',
    planes: 'u32',
    /** Slots of the cube: one more than frames. */
    slots: 'u32',
    slot: 'u32',
    maxSamples: 'u32',
    kappaLow: 'f32',
    kappaHigh: 'f32',
    slope: 'f32',
  },
  buffers: [
    { name: 'cube', element: 'f32', access: 'update', length: (p) => p.slots * perPixel(p) },
    { name: 'frame_weights', element: 'f32', access: 'read', length: (p) => (p.slots - 1) * p.planes },
    { name: 'median', element: 'f32', access: 'read', length: perPixel },
    { name: 'weight', element: 'f32', access: 'read', length: perPixel },
    { name: 'used', element: 'u32', access: 'read', length: perPixel },
    { name: 'rejected_low', element: 'u32', access: 'update', length: perPixel },
    { name: 'rejected_high', element: 'u32', access: 'update', length: perPixel },
  ],
  threads: (p) => [p.width, p.height, p.planes],
  stencil: 1,
});

// Where few frames overlap, a sample far from what the others show is taken out before the stack: a clip by the samples' own scatter cannot see it there.
import { defineContract } from '../contract.js';
import { guardBuffers } from './guard-buffers.js';

/** A sample beyond this part of its limit goes too where its surroundings stand out with it. */
export const GUARD_NEAR = 0.5;
/** Part of the limit that the mean over the 3 x 3 samples around it must exceed for that. */
export const GUARD_AROUND = 0.6;

/**
 * Moves slot `slot + 1` of the cube to slot `slot`, leaving out what stands alone. With n = used, m = median, W = weight (the products of stack-median
 * over all frames), v the sample, w = frame_weights[slot*planes + c] its inverse variance and r = v - m:
 * limit T = guardLimit(kappa, 1/w, W, slope, d), kappa that of the side of m on which v lies, d the greatest |m - m_q| over the four direct neighbours q.
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
  buffers: guardBuffers((p) => p.slots - 1),
  threads: (p) => [p.width, p.height, p.planes],
  stencil: 1,
});

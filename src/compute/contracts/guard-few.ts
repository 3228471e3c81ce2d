// Where few frames overlap, a sample far from what the others show is taken out before the stack: a clip by the samples' own scatter cannot see it there.
import { defineContract } from '../contract.js';
import { GUARD_STEP_NOISE, guardBuffers } from './guard-buffers.js';

/** A sample beyond this part of its limit goes too where its surroundings stand out with it. */
export const GUARD_NEAR = 0.5;
/** Part of the limit that the mean over the 3 x 3 samples around it must exceed for that. */
export const GUARD_AROUND = 0.6;
/** Kappas of a pair are so many times wider: of two samples none tells which of them noise has moved, and always to take the brighter would darken the sky. */
export const PAIR_KAPPA = 2;
/** Steps of the other sample of a pair count from this part of the noise on from which those of a median do: faint stars scatter by their photons, which no variance here knows. */
export const PAIR_STEP_NOISE = 0.5;

/**
 * Moves slot `slot + 1` of the cube to slot `slot`, leaving out what stands alone. With n = used, m = median, W = weight (the products of stack-median
 * over all frames), v the sample, w = frame_weights[slot*planes + c] its inverse variance and r = v - m:
 * limit T = guardLimit(kappa, 1/w, W, slope, d), kappa that of the side of m on which v lies, d the greatest |m - m_q| over the four direct neighbours q.
 * v is taken out when |r| > T; or when |r| > GUARD_NEAR T and the mean of r over the valid samples among its 3 x 3 neighbours, itself
 * included, lies on the same side and beyond GUARD_AROUND T: the rims of trails. Never where n < 2, n = 2 and pairSlope < 0, n > maxSamples or the median is blank, nor, but of two, when as
 * many as half of the samples of the pixel would then be gone: 2 (rejected_low + rejected_high + 1) >= n, the counts being those of the slots before.
 * Where n = 2, v is compared with the other sample, o = 2 median - v, r = v - o, and neighbours count where they, too, are of two samples, one of them in the slot:
 * T = pairLimit(kappa, 1/w, 1 / (W - w), pairSlope, d), d the greatest |o - o_q|, so that stars and holes are spared by how steep the other frame is there. The fainter
 * sample goes so only where the brighter one, judged in the same way, stays: beside what hit a frame its warp has rings. Never where the other one is gone.
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
    pairSlope: 'f32',
  },
  buffers: guardBuffers((p) => p.slots - 1),
  threads: (p) => [p.width, p.height, p.planes],
  stencil: 1,
});

/**
 * How far a sample of variance `variance` may lie off the other one of its pair, of variance `other`, whose greatest step to a direct neighbour is `step`:
 * PAIR_KAPPA kappa sqrt(variance + other) + slope max(0, step - PAIR_STEP_NOISE GUARD_STEP_NOISE sqrt(other)).
 */
export function pairLimit(
  kappa: number,
  variance: number,
  other: number,
  slope: number,
  step: number,
): number {
  const steep = Math.max(0, step - PAIR_STEP_NOISE * GUARD_STEP_NOISE * Math.sqrt(other));
  return PAIR_KAPPA * kappa * Math.sqrt(variance + other) + slope * steep;
}

// Large-scale rejection: what satellites and aircraft leave in one frame is found by its length and taken out with its faint rims.
import { BLOCK_SIZE } from '../constants.js';
import { defineContract } from '../contract.js';
import { guardBuffers, type GuardShape } from './guard-buffers.js';

/** Pixels of a window along a line, and how many of them must stand out. */
export const TRAIL_WINDOW = 33;
export const TRAIL_NEED = 24;
/** Of the windows this far to either side at most so many may: what is as broad as long is a cloud. A trail of 3 px stands out no farther at any angle. */
export const TRAIL_ASIDE = 8;
export const TRAIL_ASIDE_MOST = 10;
/** Slopes -16/16 .. 15/16 along either axis: at the end of a window half a step is one pixel. */
export const TRAIL_SLOPE_BITS = 4;
export const TRAIL_SLOPES = 1 << TRAIL_SLOPE_BITS;
/** Threads of a device that share a block. */
export const TRAIL_THREADS = 256;

/**
 * In place, on one slot of the cube: samples within `reach` of a trail become BLANK_VALUE. With the products of stack-median over all frames as in guard-few
 * (n = used, m = median, W = weight, w = frame_weights[frame*planes + c]), blocks of BLOCK_SIZE on their own and in each plane:
 * a pixel q stands out when n >= 3, its sample v and m are valid and v - m > guardLimit(kappa, 1/w, W, slope, d), d the greatest |m - m_q| over the direct
 * neighbours in the block.
 * It belongs to a trail when for one of the lines through q, offsets (k, (j k + TRAIL_SLOPES / 2) >> TRAIL_SLOPE_BITS) or with x and y exchanged, j = -16 .. 15, at least
 * TRAIL_NEED of the TRAIL_WINDOW pixels k = s .. s + 32 with s = -32, -16 or 0 stand out, and at most TRAIL_ASIDE_MOST of those TRAIL_ASIDE below and above (left
 * and right) of them. Pixels outside the block do not stand out; to the side, the nearest pixel inside stands for them, so that a cloud at the rim is none.
 * A valid sample with such a pixel at a distance <= reach in its block goes, where n >= 3, m is valid, and less than half of the samples are then gone,
 * 2 (rejected_low + rejected_high + 1) < n; it counts as rejected low where v < m, else high.
 * Noise alone makes no trail: with kappa 2, one pixel in 40 stands out, not 24 of 33. A trail is seen from peaks of about 2.6 sigma a pixel on.
 */
export const guardTrails = defineContract({
  stem: 'guard-trails',
  params: {
    width: 'u32',
    height: 'u32',
    planes: 'u32',
    slots: 'u32',
    slot: 'u32',
    /** Of the slot, among the weights. */
    frame: 'u32',
    kappa: 'f32',
    slope: 'f32',
    /** Pixels, at most 32. */
    reach: 'u32',
  },
  buffers: guardBuffers((p: GuardShape & { readonly frame: number }) => p.frame + 1),
  // A group of threads takes a block, whose pixels it looks at together.
  threads: (p) => [
    TRAIL_THREADS * Math.ceil(p.width / BLOCK_SIZE),
    Math.ceil(p.height / BLOCK_SIZE),
    p.planes,
  ],
  stencil: 0,
});

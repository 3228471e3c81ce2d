// Isolated hot and cold samples of one plane are replaced by the median of their like neighbours, or left out.
import { defineContract } from '../contract.js';

/**
 * For a sample v let m be the median of the up to 8 valid samples at distance `step` (2 on a Bayer CFA: same colour; 1 on a mono
 * plane) and e = v - m. Its four direct neighbours (distance 1) have excesses e_i against their own medians in the same way. On a
 * CFA, hot = e > threshold and max(e_i) < isolation * e: the light of a star falls on neighbours of every colour, a defect does not. On a mono
 * plane the direct neighbours are among the 8 and the same rule holds with `step` 1. Cold = -e > threshold and min(e_i) > -isolation * |e|.
 * `threshold` by site parity ((y+originY)&1)*2 + ((x+originX)&1), in ADU, from the measure pass and not from the window, so that a
 * window gives what the whole frame gives. A hot or cold sample becomes m; with `blanks` 1 it becomes BLANK_VALUE, as no measure of anything. Samples outside the window count as absent; blanks stay blank. The median of an even
 * count is the mean of the middle two. A sample without a valid neighbour at distance `step` has no median: it stays as it is, and as a direct
 * neighbour it does not count; where no direct neighbour counts, the isolation test holds.
 */
export const fixHotPixels = defineContract({
  stem: 'fix-hot-pixels',
  params: {
    width: 'u32',
    height: 'u32',
    originX: 'u32',
    originY: 'u32',
    step: 'u32',
    threshold00: 'f32',
    threshold01: 'f32',
    threshold10: 'f32',
    threshold11: 'f32',
    isolation: 'f32',
    blanks: 'u32',
  },
  buffers: [
    { name: 'image', element: 'f32', access: 'read', length: (p) => p.width * p.height },
    { name: 'fixed', element: 'f32', access: 'write', length: (p) => p.width * p.height },
  ],
  threads: (p) => [p.width, p.height, 1],
  stencil: 3,
});

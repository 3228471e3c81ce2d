// Resamples the colours of a Bayer window onto a cell of the output grid, each from its own sites: no demosaicing comes before.
import { defineContract } from '../contract.js';
import { WARP_PARAMS, warpRoles } from './warp.js';

/** `kernel` of warp-cfa beside WARP_BILINEAR and WARP_LANCZOS3. */
export const WARP_CUBIC = 3;

/**
 * The sites of a colour are a square lattice, and what stands for a plane's pixels in `warp` stands for its sites here. With (x, y) integer frame
 * pixels and (k + f) the frame position, which comes from the map as in `warp`:
 * red and blue, whose site in the 2x2 tile is (a, b): site (m, n) is pixel (2m + a, 2n + b); m = floor((kx - a) / 2), fraction
 * (((kx - a) mod 2) + fx) / 2, y alike;
 * green, whose sites have (x + y) mod 2 = g: site (m, n) is pixel (m + n + g, m - n), a lattice of spacing sqrt 2 turned by 45 degrees; with
 * q = fx + fy and s = kx + ky - g + floor(q): m = floor(s / 2), fraction ((s mod 2) + q - floor(q)) / 2; n alike from q = fx - fy and
 * s = kx - ky - g + floor(q). Sums of fractions are rounded to float32.
 * Around site and fraction the taps are those of `warp`, bilinear (2 x 2) and Lanczos-3 (6 x 6), or the cubic convolution of Keys (1981, a = -1/2) on
 * the taps -1 .. 2 of each axis. Normalisation, blanks, window, frame limits, levels and the cube are those of `warp`; planes are R, G, B.
 * Nothing is clamped: a sample is linear in the pixels, so that the flux of stars is kept, bright or faint. `pattern` as in demosaic-bilinear, for the frame's pixel (0, 0).
 */
export const warpCfa = defineContract({
  stem: 'warp-cfa',
  params: { ...WARP_PARAMS, pattern: 'u32' },
  buffers: [
    { name: 'cfa', element: 'f32', access: 'read', length: (p) => p.windowWidth * p.windowHeight },
    ...warpRoles(() => 3),
  ],
  threads: (p) => [p.cellWidth, p.cellHeight, 1],
  stencil: 6,
});

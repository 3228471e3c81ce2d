// CFA plane -> three planes, green along the smoother direction, red and blue by colour differences.
import { defineContract } from '../contract.js';

/**
 * Hamilton & Adams (1997) green: at a red/blue site the horizontal and vertical estimates (mean of the two direct greens plus a quarter
 * of the second difference of the site's own colour) are chosen by the smaller of the gradients |G-G| + |2C-C-C|, their mean on
 * a tie. Red and blue follow by bilinear interpolation of the colour difference C - G over the nearest sites of C (the same sites as in
 * demosaic-bilinear), added to the green of the site. Where a sample needed for green (the direct four, the four
 * of its own colour at distance 2, itself) is blank or outside the window, green is what demosaic-bilinear gives there; a difference whose C
 * or G is blank does not count, and without any difference, or with a blank green at the site, red or blue is what demosaic-bilinear gives.
 * A site's own colour is its sample. Output `[3, height, width]`.
 */
export const demosaicEdgeAware = defineContract({
  stem: 'demosaic-edge-aware',
  params: { width: 'u32', height: 'u32', originX: 'u32', originY: 'u32', pattern: 'u32' },
  buffers: [
    { name: 'cfa', element: 'f32', access: 'read', length: (p) => p.width * p.height },
    { name: 'planes', element: 'f32', access: 'write', length: (p) => 3 * p.width * p.height },
  ],
  threads: (p) => [p.width, p.height, 1],
  stencil: 3,
});

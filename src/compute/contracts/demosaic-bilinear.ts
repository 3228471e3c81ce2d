// CFA plane -> three planes R, G, B by averaging the nearest valid sites of each colour.
import { defineContract } from '../contract.js';

const params = {
  width: 'u32',
  height: 'u32',
  originX: 'u32',
  originY: 'u32',
  /** Colours of the 2x2 tile, 2 bits each: site (y&1)*2 + (x&1) at bits 2*site; 0 red, 1 green, 2 blue. */
  pattern: 'u32',
} as const;

/**
 * At each site the missing colours are the mean of the valid samples of that colour among the 8 neighbours at distance 1 (for the
 * green at red/blue sites: the 4 direct ones; for red at green sites: the 2 direct ones; for red at blue sites: the 4 diagonal
 * ones). No valid one: BLANK_VALUE. A site's own colour is its sample. Site parity is taken at (x+originX, y+originY). Output `[3, height, width]`.
 */
export const demosaicBilinear = defineContract({
  stem: 'demosaic-bilinear',
  params,
  buffers: [
    { name: 'cfa', element: 'f32', access: 'read', length: (p) => p.width * p.height },
    { name: 'planes', element: 'f32', access: 'write', length: (p) => 3 * p.width * p.height },
  ],
  threads: (p) => [p.width, p.height, 1],
  stencil: 1,
});

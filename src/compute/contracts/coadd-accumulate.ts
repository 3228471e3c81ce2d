// Adds one slot of a cube, weighted, to running sums: the coadd without rejection, in memory that does not grow with the frames.
import { defineContract } from '../contract.js';

/** For every valid sample v of the slot: sum += w v, weight += w, used += 1; w = frame_weights[slot*planes + c]. */
export const coaddAccumulate = defineContract({
  stem: 'coadd-accumulate',
  params: { pixels: 'u32', planes: 'u32', slots: 'u32', slot: 'u32' },
  buffers: [
    {
      name: 'cube',
      element: 'f32',
      access: 'read',
      length: (p) => p.slots * p.planes * p.pixels,
      touched: (p) => p.planes * p.pixels,
    },
    {
      name: 'frame_weights',
      element: 'f32',
      access: 'read',
      length: (p) => p.slots * p.planes,
      touched: (p) => p.planes,
    },
    { name: 'sum', element: 'f32', access: 'update', length: (p) => p.planes * p.pixels },
    { name: 'weight', element: 'f32', access: 'update', length: (p) => p.planes * p.pixels },
    { name: 'used', element: 'u32', access: 'update', length: (p) => p.planes * p.pixels },
  ],
  threads: (p) => [p.pixels, p.planes, 1],
  stencil: 0,
});

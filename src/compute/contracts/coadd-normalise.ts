// Running sums -> mean: the end of a coadd.
import { defineContract } from '../contract.js';

/** mean = sum / weight where weight > 0, else BLANK_VALUE. */
export const coaddNormalise = defineContract({
  stem: 'coadd-normalise',
  params: { pixels: 'u32', planes: 'u32' },
  buffers: [
    { name: 'sum', element: 'f32', access: 'read', length: (p) => p.planes * p.pixels },
    { name: 'weight', element: 'f32', access: 'read', length: (p) => p.planes * p.pixels },
    { name: 'mean', element: 'f32', access: 'write', length: (p) => p.planes * p.pixels },
  ],
  threads: (p) => [p.pixels, p.planes, 1],
  stencil: 0,
});

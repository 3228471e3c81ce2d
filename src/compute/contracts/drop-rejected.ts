// What a stack rejected is taken out of its cube, so that what comes after combines the same samples.
import { defineContract } from '../contract.js';

/**
 * In place, per pixel and plane: of the valid samples the `rejected_low` lowest and the `rejected_high` highest become BLANK_VALUE; of equal
 * ones those of the earlier slots. Every rule of the stacks rejects from the ends of the sorted samples, so that their counts tell which ones went.
 */
export const dropRejected = defineContract({
  stem: 'drop-rejected',
  params: { pixels: 'u32', planes: 'u32', slots: 'u32' },
  buffers: [
    { name: 'cube', element: 'f32', access: 'update', length: (p) => p.slots * p.planes * p.pixels },
    { name: 'rejected_low', element: 'u32', access: 'read', length: (p) => p.planes * p.pixels },
    { name: 'rejected_high', element: 'u32', access: 'read', length: (p) => p.planes * p.pixels },
  ],
  threads: (p) => [p.pixels, p.planes, 1],
  stencil: 0,
});

// Generalised extreme studentised deviate test (Rosner 1983), then the weighted mean (or the median) of the survivors.
import { defineContract } from '../contract.js';
import { stackBuffers, stackParams, stackThreads } from './stack-buffers.js';

/**
 * Of n >= 3 samples, up to floor(n mostPerMille / 1000) outliers are looked for, while at least 3 samples remain: the remaining sample farthest from
 * the mean of the m that remain (of two as far, the greater) is taken away, with R = its distance over their standard deviation (m - 1). All that were
 * taken away up to the last time that R > critical[m] are rejected, low or high by the side they were taken from; so outliers cannot hide each
 * other. It ends early where all that
 * remain are equal. What equals a surviving extreme survives.
 *
 * `critical[m]` for m of 3 to `slots`: see esd-critical.ts; entries 0 to 2 are not read.
 */
export const stackEsd = defineContract({
  stem: 'stack-esd',
  params: { ...stackParams, mostPerMille: 'u32', combine: 'u32' },
  buffers: [
    ...stackBuffers,
    { name: 'critical', element: 'f32', access: 'read', length: (p: { slots: number }) => p.slots + 1 },
  ],
  threads: stackThreads,
  stencil: 0,
});

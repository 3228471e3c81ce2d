// Buffers and parameters that all stack kernels share: a cube of samples in, combined planes and counts out.
import type { BufferRole } from '../contract.js';

export const stackParams = {
  /** Pixels per plane of the cell. */
  pixels: 'u32',
  planes: 'u32',
  /** Slots of the cube, one per frame, in the canonical order of frames. */
  slots: 'u32',
} as const;

/** Of the stacks that clip again and again beyond thresholds of their own on both sides. */
export const clippingParams = {
  ...stackParams,
  kappaLow: 'f32',
  kappaHigh: 'f32',
  maxIterations: 'u32',
  combine: 'u32',
} as const;

interface StackShape {
  readonly pixels: number;
  readonly planes: number;
  readonly slots: number;
}

const perPixel = (p: StackShape) => p.planes * p.pixels;

/**
 * `cube[(slot*planes + c)*pixels + i]`, blanks as BLANK_VALUE; `frame_weights[slot*planes + c]` > 0. Outputs `[planes, pixels]`: combined
 * value (BLANK_VALUE where no sample survives), sum of the survivors' weights, number of survivors, numbers rejected low and high.
 */
export const stackBuffers: readonly BufferRole<StackShape>[] = [
  { name: 'cube', element: 'f32', access: 'read', length: (p) => p.slots * p.planes * p.pixels },
  { name: 'frame_weights', element: 'f32', access: 'read', length: (p) => p.slots * p.planes },
  { name: 'mean', element: 'f32', access: 'write', length: perPixel },
  { name: 'weight', element: 'f32', access: 'write', length: perPixel },
  { name: 'used', element: 'u32', access: 'write', length: perPixel },
  { name: 'rejected_low', element: 'u32', access: 'write', length: perPixel },
  { name: 'rejected_high', element: 'u32', access: 'write', length: perPixel },
];

export const stackThreads = (p: StackShape): readonly [number, number, number] => [p.pixels, p.planes, 1];

// Host side of shaders/guard-trails.wgsl.
import { GUARD_STEP_NOISE, MEDIAN_VARIANCE } from '../../compute/contracts/guard-buffers.js';
import {
  TRAIL_ASIDE,
  TRAIL_ASIDE_MOST,
  TRAIL_NEED,
  TRAIL_SLOPE_BITS,
  TRAIL_SLOPES,
  TRAIL_THREADS,
  TRAIL_WINDOW,
} from '../../compute/contracts/guard-trails.js';
import { blockKernel } from '../gpu-kernel.js';

export const guardTrails = blockKernel(TRAIL_THREADS, {
  u32: { TRAIL_ASIDE, TRAIL_ASIDE_MOST, TRAIL_NEED, TRAIL_SLOPE_BITS, TRAIL_SLOPES, TRAIL_WINDOW },
  f32: { GUARD_STEP_NOISE, MEDIAN_VARIANCE },
});

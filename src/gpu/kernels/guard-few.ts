// Host side of shaders/guard-few.wgsl.
import { GUARD_STEP_NOISE, MEDIAN_VARIANCE } from '../../compute/contracts/guard-buffers.js';
import { GUARD_AROUND, GUARD_NEAR, PAIR_KAPPA, PAIR_STEP_NOISE } from '../../compute/contracts/guard-few.js';
import { imageKernel } from '../gpu-kernel.js';

export const guardFew = imageKernel({
  f32: { GUARD_AROUND, GUARD_NEAR, GUARD_STEP_NOISE, MEDIAN_VARIANCE, PAIR_KAPPA, PAIR_STEP_NOISE },
});

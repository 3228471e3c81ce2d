// Host side of shaders/stack-linear-fit.wgsl.
import { LINEAR_FIT_ROUNDING } from '../../compute/contracts/stack-linear-fit.js';
import { lineKernel } from '../gpu-kernel.js';
import { rankedStack } from '../stack-variants.js';

export const stackLinearFit = lineKernel({ f32: { LINEAR_FIT_ROUNDING } }, ...rankedStack);

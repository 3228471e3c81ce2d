// Host side of shaders/stack-min-max.wgsl.
import { lineKernel } from '../gpu-kernel.js';
import { rankedStack } from '../stack-variants.js';

export const stackMinMax = lineKernel({}, ...rankedStack);

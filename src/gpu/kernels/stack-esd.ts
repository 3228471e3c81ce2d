// Host side of shaders/stack-esd.wgsl.
import { lineKernel } from '../gpu-kernel.js';
import { rankedStack } from '../stack-variants.js';

export const stackEsd = lineKernel({}, ...rankedStack);

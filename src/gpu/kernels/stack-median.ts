// Host side of shaders/stack-median.wgsl.
import { lineKernel } from '../gpu-kernel.js';
import { clippedStack } from '../stack-variants.js';

export const stackMedian = lineKernel({}, ...clippedStack);

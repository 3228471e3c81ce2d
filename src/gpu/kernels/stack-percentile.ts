// Host side of shaders/stack-percentile.wgsl.
import { lineKernel } from '../gpu-kernel.js';
import { clippedStack } from '../stack-variants.js';

export const stackPercentile = lineKernel({}, ...clippedStack);

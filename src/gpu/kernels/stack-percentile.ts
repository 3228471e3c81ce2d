// Host side of shaders/stack-percentile.wgsl.
import { lineKernel } from '../gpu-kernel.js';
import { stackVariantFor, stackVariants } from '../stack-variants.js';

export const stackPercentile = lineKernel({}, stackVariants, stackVariantFor);

// Host side of shaders/stack-median.wgsl.
import { lineKernel } from '../gpu-kernel.js';
import { stackVariantFor, stackVariants } from '../stack-variants.js';

export const stackMedian = lineKernel({}, stackVariants, stackVariantFor);

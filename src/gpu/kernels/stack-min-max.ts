// Host side of shaders/stack-min-max.wgsl.
import { lineKernel } from '../gpu-kernel.js';
import { stackVariantFor, stackVariants } from '../stack-variants.js';

export const stackMinMax = lineKernel({}, stackVariants, stackVariantFor);

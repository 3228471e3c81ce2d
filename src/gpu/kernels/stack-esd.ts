// Host side of shaders/stack-esd.wgsl.
import { lineKernel } from '../gpu-kernel.js';
import { stackVariantFor, stackVariants } from '../stack-variants.js';

export const stackEsd = lineKernel({}, stackVariants, stackVariantFor);

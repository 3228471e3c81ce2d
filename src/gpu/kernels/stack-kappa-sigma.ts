// Host side of shaders/stack-kappa-sigma.wgsl.
import { lineKernel } from '../gpu-kernel.js';
import { stackVariantFor, stackVariants } from '../stack-variants.js';

export const stackKappaSigma = lineKernel({}, stackVariants, stackVariantFor);

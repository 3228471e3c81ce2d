// Host side of shaders/stack-kappa-sigma.wgsl.
import { lineKernel } from '../gpu-kernel.js';
import { clippedStack } from '../stack-variants.js';

export const stackKappaSigma = lineKernel({}, ...clippedStack);

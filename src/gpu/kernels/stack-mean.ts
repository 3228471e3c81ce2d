// Host side of shaders/stack-mean.wgsl.
import { lineKernel } from '../gpu-kernel.js';

export const stackMean = lineKernel({});

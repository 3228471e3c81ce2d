// Host side of shaders/coadd-normalise.wgsl.
import { lineKernel } from '../gpu-kernel.js';

export const coaddNormalise = lineKernel({});

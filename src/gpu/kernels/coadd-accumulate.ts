// Host side of shaders/coadd-accumulate.wgsl.
import { lineKernel } from '../gpu-kernel.js';

export const coaddAccumulate = lineKernel({});

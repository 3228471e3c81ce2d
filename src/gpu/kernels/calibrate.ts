// Host side of shaders/calibrate.wgsl.
import { lineKernel } from '../gpu-kernel.js';

export const calibrate = lineKernel({});

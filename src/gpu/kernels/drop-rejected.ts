// Host side of shaders/drop-rejected.wgsl.
import { lineKernel } from '../gpu-kernel.js';

export const dropRejected = lineKernel({});

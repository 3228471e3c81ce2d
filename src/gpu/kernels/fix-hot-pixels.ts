// Host side of shaders/fix-hot-pixels.wgsl.
import { imageKernel } from '../gpu-kernel.js';

export const fixHotPixels = imageKernel({});

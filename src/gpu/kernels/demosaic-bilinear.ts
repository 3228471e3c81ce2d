// Host side of shaders/demosaic-bilinear.wgsl.
import { imageKernel } from '../gpu-kernel.js';

export const demosaicBilinear = imageKernel({});

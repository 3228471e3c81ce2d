// Host side of shaders/demosaic-edge-aware.wgsl.
import { GREEN } from '../../compute/constants.js';
import { imageKernel } from '../gpu-kernel.js';

export const demosaicEdgeAware = imageKernel({ u32: { GREEN } });

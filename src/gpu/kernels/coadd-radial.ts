// Host side of shaders/coadd-radial.wgsl.
import { RADIAL_TABLE_SIZE } from '../../compute/contracts/coadd-radial.js';
import { imageKernel } from '../gpu-kernel.js';

export const coaddRadial = imageKernel({ u32: { RADIAL_TABLE_SIZE } });

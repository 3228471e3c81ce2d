// Host side of shaders/drizzle.wgsl.
import { RADIAL_TABLE_SIZE } from '../../compute/contracts/coadd-radial.js';
import { DRIZZLE_LEAST } from '../../compute/contracts/drizzle.js';
import { imageKernel } from '../gpu-kernel.js';

export const drizzle = imageKernel({ u32: { RADIAL_TABLE_SIZE }, f32: { DRIZZLE_LEAST } });

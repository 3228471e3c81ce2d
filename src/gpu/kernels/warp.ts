// Host side of shaders/warp.wgsl.
import { LANCZOS_TABLE_SIZE, WARP_BILINEAR, WARP_NEAREST } from '../../compute/contracts/warp.js';
import { imageKernel } from '../gpu-kernel.js';

export const warp = imageKernel({ u32: { WARP_NEAREST, WARP_BILINEAR, LANCZOS_TABLE_SIZE } });

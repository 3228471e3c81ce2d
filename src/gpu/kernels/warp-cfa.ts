// Host side of shaders/warp-cfa.wgsl.
import { GREEN } from '../../compute/constants.js';
import { WARP_CUBIC } from '../../compute/contracts/warp-cfa.js';
import { LANCZOS_TABLE_SIZE, WARP_BILINEAR } from '../../compute/contracts/warp.js';
import { imageKernel } from '../gpu-kernel.js';

export const warpCfa = imageKernel({ u32: { GREEN, WARP_BILINEAR, WARP_CUBIC, LANCZOS_TABLE_SIZE } });

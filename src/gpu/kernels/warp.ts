// Host side of shaders/warp.wgsl.
import { WARP_BILINEAR, WARP_LANCZOS3, WARP_NEAREST } from '../../compute/contracts/warp.js';
import { imageKernel } from '../gpu-kernel.js';
import { BILINEAR, LANCZOS3, NEAREST, warpVariants } from '../warp-variants.js';

const ofTaps = { [WARP_NEAREST]: NEAREST, [WARP_BILINEAR]: BILINEAR, [WARP_LANCZOS3]: LANCZOS3 };

export const warp = imageKernel({}, 'square', ...warpVariants(ofTaps, 'plane-support'));

// Host side of shaders/warp-cfa.wgsl.
import { GREEN } from '../../compute/constants.js';
import { WARP_CUBIC } from '../../compute/contracts/warp-cfa.js';
import { WARP_BILINEAR, WARP_LANCZOS3 } from '../../compute/contracts/warp.js';
import { imageKernel } from '../gpu-kernel.js';
import { BILINEAR, CUBIC, LANCZOS3, warpVariants } from '../warp-variants.js';

const ofTaps = { [WARP_BILINEAR]: BILINEAR, [WARP_CUBIC]: CUBIC, [WARP_LANCZOS3]: LANCZOS3 };

export const warpCfa = imageKernel({ u32: { GREEN } }, 'square', ...warpVariants(ofTaps, 'lattice-support'));

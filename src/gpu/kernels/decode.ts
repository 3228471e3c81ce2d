// Host side of shaders/decode.wgsl.
import { SAMPLE_F32, SAMPLE_I16 } from '../../compute/contracts/decode.js';
import { imageKernel } from '../gpu-kernel.js';

export const decode = imageKernel({ u32: { SAMPLE_I16, SAMPLE_F32 } }, 'rows');

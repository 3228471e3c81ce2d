// Host side of shaders/stack-mad.wgsl.
import { MAD_CONSISTENCY } from '../../compute/contracts/stack-mad.js';
import { lineKernel } from '../gpu-kernel.js';
import { rankedStack } from '../stack-variants.js';

export const stackMad = lineKernel({ f32: { MAD_CONSISTENCY } }, ...rankedStack);

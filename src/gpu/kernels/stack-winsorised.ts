// Host side of shaders/stack-winsorised.wgsl.
import {
  WINSOR_CONSISTENCY,
  WINSOR_CUTOFF,
  WINSOR_MAX_STEPS,
  WINSOR_TOLERANCE,
} from '../../compute/contracts/stack-winsorised.js';
import { lineKernel } from '../gpu-kernel.js';
import { clippedStack } from '../stack-variants.js';

export const stackWinsorised = lineKernel(
  { u32: { WINSOR_MAX_STEPS }, f32: { WINSOR_TOLERANCE, WINSOR_CUTOFF, WINSOR_CONSISTENCY } },
  ...clippedStack,
);

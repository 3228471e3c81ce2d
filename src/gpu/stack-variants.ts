// Variants of the stack shaders by number of slots: sorted private arrays for small stacks, passes over the cube for large ones.
import type { GpuKernel, ShaderVariant } from './gpu-kernel.js';

/**
 * Capacities of the sorted variants. Private arrays need constant sizes (and cost occupancy), so a stack takes the least that
 * holds it; insertion grows with the square of the slots, and above the last of these passes over the cube are cheaper.
 */
const CAPACITIES = [16, 32, 64];

const sorted = CAPACITIES.map((capacity): ShaderVariant => ({
  name: `sorted-${capacity}`,
  fragments: { 'stack-samples': 'survivors-sorted', 'stack-ranks': 'ranks-sorted' },
  constants: { CAPACITY: capacity },
}));

const streamed: ShaderVariant = {
  name: 'streamed',
  fragments: { 'stack-samples': 'survivors-streamed', 'stack-ranks': 'ranks-streamed' },
  constants: {},
};

export const stackVariants: readonly ShaderVariant[] = [...sorted, streamed];

/** The variant for a number of slots; every number has one. */
export const stackVariantFor: GpuKernel['variantFor'] = ({ slots }) =>
  sorted.find((variant) => slots <= variant.constants.CAPACITY) ?? streamed;

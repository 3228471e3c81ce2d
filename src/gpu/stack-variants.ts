// Variants of the stack shaders by number of slots: small stacks in registers or sorted private arrays, passes over the cube for large ones.
import type { GpuKernel, ShaderVariant } from './gpu-kernel.js';

/** Variants of a kernel and the choice among them. */
type Variants = readonly [readonly ShaderVariant[], GpuKernel['variantFor']];

/**
 * Capacities of the variants in registers. A sorting network does the work of its capacity whatever the slots, so a stack takes the least that
 * holds it; beyond the last, registers overflow.
 */
const IN_REGISTERS = [8, 16, 32, 64];

/** Up to so many slots registers hold the samples in slot order beside the sorted ones; above, the sums read the cube again. */
const HELD = 32;

/** Capacities of the sorted variants, whose insertion grows with the square of the slots: above the last, passes over the cube are cheaper. */
const SORTED = [16, 32, 64];

const registers = IN_REGISTERS.map((capacity): ShaderVariant => ({
  name: `registers-${capacity}`,
  fragments: {
    'stack-samples': 'survivors-registers',
    'stack-sums': capacity <= HELD ? 'sums-held' : 'sums-cube',
  },
  constants: { CAPACITY: capacity },
}));

const sorted = SORTED.map((capacity): ShaderVariant => ({
  name: `sorted-${capacity}`,
  fragments: {
    'stack-samples': 'survivors-sorted',
    'stack-ranks': 'ranks-sorted',
    'stack-sums': 'sums-cube',
  },
  constants: { CAPACITY: capacity },
}));

const streamed: ShaderVariant = {
  name: 'streamed',
  fragments: {
    'stack-samples': 'survivors-streamed',
    'stack-ranks': 'ranks-streamed',
    'stack-sums': 'sums-cube',
  },
  constants: {},
};

/** Every number of slots has a variant. */
const bySlots = (small: readonly ShaderVariant[]): Variants => [
  [...small, streamed],
  ({ slots }) => small.find((variant) => slots <= variant.constants.CAPACITY) ?? streamed,
];

/** Of stacks that ask for the middle, sums and bounds only: what can be put to registers. */
export const clippedStack = bySlots(registers);

/** Of stacks that walk over the samples by rank, which wants an array with an index. */
export const rankedStack = bySlots(sorted);

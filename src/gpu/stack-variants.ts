// Variants of the stack shaders by number of slots: in registers, sorted in the workgroup's memory, or passes over the cube.
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

/** Capacities of the variants whose threads share pixels. */
const SHARED = [128, 256, 512, 1024];

/** Samples that a workgroup sorts in its memory: 16 KiB, which every device has. Of fewer slots every thread has a pixel. */
const TILE = 4096;
const MOST_PIXELS = 64;

/** Samples that a thread sorts in registers at once. */
const RUN = 16;

const registers = IN_REGISTERS.map((capacity): ShaderVariant => ({
  name: `registers-${capacity}`,
  fragments: {
    'stack-samples': 'survivors-registers',
    'stack-sums': capacity <= HELD ? 'sums-held' : 'sums-cube',
  },
  constants: { CAPACITY: capacity },
}));

const tile = (capacity: number): ShaderVariant => {
  const pixels = Math.min(MOST_PIXELS, TILE / capacity);
  return {
    name: `tile-${capacity}`,
    fragments: {
      'stack-samples': 'survivors-tile',
      'stack-ranks': 'ranks-tile',
      'stack-sums': 'sums-cube',
    },
    constants: {
      CAPACITY: capacity,
      RUN: Math.min(capacity, RUN),
      PIXELS: pixels,
      TILE: pixels * capacity,
      BLOCKS: Math.min(capacity, 16),
    },
    pixels,
  };
};

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
export const clippedStack = bySlots([...registers, ...SHARED.map(tile)]);

/** Of stacks that walk over the samples by rank, which wants an array with an index. */
export const rankedStack = bySlots([...IN_REGISTERS, ...SHARED].map(tile));

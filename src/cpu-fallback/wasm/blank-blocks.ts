// Blocks of a sample cube that no pixel of a frame reaches: nothing writes blanks there until something would see them.
import { BLOCK_SIZE } from '../../compute/constants.js';
import type { CubeShape } from './cube-shape.js';
import type { Pass, PlainStep } from './kernel-passes.js';
import type { Block } from './shared-heap.js';

const blocksOf = ({ width, height }: CubeShape) =>
  Math.ceil(width / BLOCK_SIZE) * Math.ceil(height / BLOCK_SIZE);

/** Writes them after all. */
const writePass: Pass = {
  name: 'writeBlanks',
  units: (p) => p.blocks * p.slots,
  grain: (p) => p.slots,
};

/**
 * One byte for every block of the cell and slot of the cube, `[block row, block column, slot]`: 1 where the block counts as blank in all planes, whatever stands
 * there. Warps set them.
 */
export class BlankBlocks {
  /** Of the flags, for a cube of this shape; whole words. */
  static bytes(shape: CubeShape): number {
    return 4 * Math.ceil((blocksOf(shape) * shape.slots) / 4);
  }

  /** With no flag set. `block` holds `bytes(shape)`. */
  constructor(
    private readonly memory: WebAssembly.Memory,
    readonly block: Block,
    private readonly shape: CubeShape,
  ) {
    this.flags().fill(0);
  }

  isOf({ width, height, planes, slots }: CubeShape): boolean {
    const own = this.shape;
    return own.width === width && own.height === height && own.planes === planes && own.slots === slots;
  }

  /** Samples of the blank blocks of one slot, or of all. */
  samples(slot?: number): number {
    const { width, height, planes, slots } = this.shape;
    const across = Math.ceil(width / BLOCK_SIZE);
    const flags = this.flags();
    let pixels = 0;
    // Of one slot only its own are looked at: a deep cube is asked once for every slot.
    for (let i = slot ?? 0; i < flags.length; i += slot === undefined ? 1 : slots) {
      if (flags[i] === 0) continue;
      const block = Math.floor(i / slots);
      const columns = Math.min(BLOCK_SIZE, width - (block % across) * BLOCK_SIZE);
      pixels += columns * Math.min(BLOCK_SIZE, height - Math.floor(block / across) * BLOCK_SIZE);
    }
    return planes * pixels;
  }

  /** The step that writes them into the cube at `address`. */
  writing(address: number): PlainStep {
    const { width, height, planes, slots } = this.shape;
    const words = [address, this.block.address, width, height, planes, slots];
    return { pass: writePass, params: { blocks: blocksOf(this.shape), slots }, words };
  }

  private flags(): Uint8Array {
    return new Uint8Array(this.memory.buffer, this.block.address, blocksOf(this.shape) * this.shape.slots);
  }
}

// Blocks of the shared memory that are given up: they serve again when neither a step of the list nor a warp that waits reads them any more.
import type { Block, SharedHeap } from './shared-heap.js';

export class BlockStore {
  /** Given up; steps of the list may still use them. */
  private dropped: Block[] = [];
  /** How many warps that wait read a block. */
  private readonly readers = new Map<Block, number>();
  /** Given up, but read by such warps: a deep cell has thousands, which nobody looks through each time that the list has run. */
  private readonly waiting = new Set<Block>();

  constructor(private readonly heap: SharedHeap) {}

  drop(...blocks: readonly Block[]): void {
    this.dropped.push(...blocks);
  }

  /** One more warp that waits reads these, whoever gives them up. */
  keep(blocks: readonly Block[]): void {
    for (const block of blocks) this.readers.set(block, (this.readers.get(block) ?? 0) + 1);
  }

  /** Such a warp stands in the list, or is done with. */
  giveBack(blocks: readonly Block[]): void {
    for (const block of blocks) {
      const others = this.readers.get(block)! - 1;
      if (others > 0) this.readers.set(block, others);
      else {
        this.readers.delete(block);
        if (this.waiting.delete(block)) this.dropped.push(block);
      }
    }
  }

  isKept(block: Block): boolean {
    return this.readers.has(block);
  }

  /** Those of `blocks` that are given up: whoever has them looks at them, and releases them. */
  take(blocks: ReadonlySet<Block>): Block[] {
    if (blocks.size === 0) return [];
    const taken = this.dropped.filter((block) => blocks.has(block));
    this.dropped = this.dropped.filter((block) => !blocks.has(block));
    return taken;
  }

  /** The list has run. */
  release(): void {
    for (const block of this.dropped) {
      if (this.readers.has(block)) this.waiting.add(block);
      else this.heap.release(block);
    }
    this.dropped = [];
  }
}

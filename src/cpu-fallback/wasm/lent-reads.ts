// Reads that a program lends from where they lie, until they are given back. Programs behind it run meanwhile, in memory that nobody looks at.
import type { Handle, Program, ProgramResult, RowBand } from '../../compute/backend.js';
import type { Block, SharedHeap } from './shared-heap.js';

/** What a program has read, and of its freed blocks those that the reads lie in, where they are to be lent. */
export interface MadeReads extends ProgramResult {
  readonly held: readonly Block[];
  /** Whose they are, where there were others before. */
  readonly rows?: RowBand;
}

export class LentReads {
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly heap: SharedHeap) {}

  /** Lends `reads` once those lent before are back, and then releases the blocks. Rejects with what `lend` rejects with. */
  lend({ reads, held, rows }: MadeReads, lend: NonNullable<Program['lend']>): Promise<void> {
    const lent = this.last
      .then(() => lend(reads, rows))
      .finally(() => {
        for (const block of held) this.heap.release(block);
      });
    this.last = lent.catch(() => undefined);
    return lent;
  }

  /** Resolves when all that was lent so far is back. */
  async back(): Promise<void> {
    await this.last;
  }
}

/** True where no program behind this one can reach what it lends: it frees all that it reads. */
export function freesWhatItLends({ ops }: Program): boolean {
  const read = new Set<Handle>();
  for (const op of ops) {
    if (op.op === 'read') read.add(op.handle);
    else if (op.op === 'free') read.delete(op.handle);
  }
  return read.size === 0;
}

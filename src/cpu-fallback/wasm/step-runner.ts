// Has the threads run the steps of the list, lets go of what only those steps have used, and finds places where there is hardly any room.
import type { Handle, Program } from '../../compute/backend.js';
import { DeviceCapacityError } from '../../compute/device-error.js';
import type { ProfileSums } from '../../compute/profile-sums.js';
import type { BlockStore } from './block-store.js';
import type { LentReads } from './lent-reads.js';
import type { ResidentBuffer } from './resident-buffer.js';
import type { Block, SharedHeap } from './shared-heap.js';
import type { StepList } from './step-list.js';
import type { Uploads } from './uploads.js';
import type { WorkerPool } from './worker-pool.js';

const BYTES = 4;
/** Scratch that is placed is larger than what is asked for: the next cell may be a little deeper, and what it leaves would be too small for its successor. Pages that nobody touches take no memory. */
const MORE_SCRATCH = 1.25;

/** What a backend has. */
export interface Running {
  readonly steps: StepList;
  readonly pool: WorkerPool;
  readonly heap: SharedHeap;
  readonly blocks: BlockStore;
  readonly lent: LentReads;
  readonly buffers: ReadonlyMap<Handle, ResidentBuffer>;
  /** Uploads of the programs that run or wait, whose copies lie in the heap as far as there is room. */
  readonly waiting: ReadonlySet<Uploads>;
  readonly profile: ProfileSums;
}

export class StepRunner {
  /** What the threads work in. It stays from list to list: what is read meanwhile for the next cell would break its place up, and a deep stack's is as large as half its windows. */
  private scratch: Block | undefined;

  constructor(private readonly own: Running) {}

  /** Runs the steps of the list; then what was freed meanwhile can be used again. `whenRunning` is called once the threads have them. Throws DeviceCapacityError, DeviceError. */
  async flush(program: Program, whenRunning?: () => void): Promise<void> {
    const { steps, pool, blocks, buffers, profile } = this.own;
    if (steps.length > 0) {
      const stride = steps.scratchBytes();
      const scratch = await this.scratchOf(program, stride * pool.size);
      if (scratch) steps.setScratch(scratch.address, stride);
      try {
        const done = pool.run(steps.length);
        whenRunning?.();
        await done;
        steps.tellDone((stem, seconds, leftOut) => {
          if (stem) profile.add({ stem, calls: 0, seconds, bytes: -BYTES * leftOut });
        });
        for (const buffer of buffers.values()) blocks.drop(...buffer.takeListed());
      } finally {
        steps.clear();
        for (const buffer of buffers.values()) buffer.busy = false;
      }
    }
    // What is to be lent lies in blocks that may be free already.
    if (!program.lend) blocks.release();
  }

  private async scratchOf(program: Program, bytes: number): Promise<Block | undefined> {
    if (this.scratch && this.scratch.bytes >= bytes) return this.scratch;
    this.releaseScratch();
    if (bytes === 0) return undefined;
    const { heap } = this.own;
    this.scratch = heap.allocate(MORE_SCRATCH * bytes) ?? heap.allocate(bytes);
    return (this.scratch ??= await this.placeAtLast(program, 'scratch', bytes));
  }

  private releaseScratch(): void {
    if (this.scratch) this.own.heap.release(this.scratch);
    this.scratch = undefined;
  }

  /** Where there is room for a buffer, or undefined. */
  placeNow({ length }: Handle): Block | undefined {
    return this.own.heap.allocate(length * BYTES);
  }

  /** Room for a buffer: where nothing fits, what the program has freed so far may make room, what uploads of programs behind it take, and what is lent. Throws DeviceCapacityError. */
  async place(program: Program, handle: Handle): Promise<Block> {
    const { heap, waiting } = this.own;
    const { label, length } = handle;
    const first = this.placeNow(handle);
    if (first) return first;
    await this.flush(program);
    const bytes = length * BYTES;
    const block = heap.allocate(bytes);
    if (block) return block;
    for (const uploads of waiting) uploads.leaveHeap();
    this.releaseScratch();
    return heap.allocate(bytes) ?? this.placeAtLast(program, label, bytes);
  }

  private async placeAtLast(program: Program, label: string, bytes: number): Promise<Block> {
    const { heap, lent } = this.own;
    await lent.back();
    const block = heap.allocate(bytes);
    if (block) return block;
    const params = { program: program.label, label, bytes, free: heap.freeBytes() };
    throw new DeviceCapacityError('wasm_out_of_memory', params);
  }
}

// What a program brings along, until the buffers have it.
import type { Handle, Op } from '../../compute/backend.js';
import type { Block, SharedHeap } from './shared-heap.js';
import type { UploadRooms } from './upload-rooms.js';
import type { WasmOp } from './wasm-ops.js';

export type UploadOp = Extract<Op, { op: 'upload' }>;

/**
 * Data of a program's uploads: the caller's own arrays until it may change them, from then on copies in blocks of the shared memory. A copy that is all that
 * its buffer begins with becomes the buffer, and so does a room that the backend has given to be filled.
 */
export class Uploads {
  private readonly waiting = new Map<UploadOp, Uint8Array>();
  /** Where those lie that are in the heap: of them the caller's arrays are not to be looked at any more. */
  private readonly blocks = new Map<UploadOp, Block>();
  /** Uploads that could not be copied, and why. */
  private readonly lost = new Map<UploadOp, unknown>();
  /** Uploads that fill a buffer of this program before anything looks at it. */
  private readonly filling = new Map<Handle, UploadOp>();
  /** Operations that stand in the program more than once: what they bring is kept to its end. */
  private readonly repeated = new Set<UploadOp>();

  constructor(
    ops: readonly WasmOp[],
    private readonly heap: SharedHeap,
    private readonly memory: WebAssembly.Memory,
    rooms?: UploadRooms,
  ) {
    const untouched = new Set<Handle>();
    for (const op of ops) {
      if (op.op === 'alloc') untouched.add(op.handle);
      else if (op.op === 'kernel') for (const role in op.buffers) untouched.delete(op.buffers[role]);
      else if (op.op === 'upload') {
        if (this.waiting.has(op)) {
          this.repeated.add(op);
          this.filling.delete(op.handle);
        }
        this.waiting.set(op, bytesOf(op));
        const isWhole = op.data.byteLength === 4 * op.handle.length && (op.times ?? 1) === 1;
        if (untouched.delete(op.handle) && isWhole) this.filling.set(op.handle, op);
      } else untouched.delete(op.handle);
    }
    for (const op of this.filling.values()) {
      const block = rooms?.claim(op.data);
      if (block) this.blocks.set(op, block);
    }
  }

  /** Copies what is still the caller's. A copy that there is no room for fails its program, once it is due. */
  copyRest(): void {
    let all = new Uint8Array(this.memory.buffer);
    for (const [op, bytes] of this.waiting) {
      if (this.blocks.has(op)) continue;
      const block = this.heap.allocate(bytes.byteLength);
      if (block) {
        this.blocks.set(op, block);
        // The memory may have grown.
        if (block.address + bytes.byteLength > all.length) all = new Uint8Array(this.memory.buffer);
        all.set(bytes, block.address);
      } else this.copyAside(op, bytes);
    }
  }

  /** A copy in the heap; most become buffers, and nobody looks at them here. */
  private copyIn({ address }: Block, { data }: UploadOp): Uint8Array {
    return new Uint8Array(this.memory.buffer, address, data.byteLength);
  }

  /** Takes the copies out of the shared memory, for a program whose buffers need their room. */
  leaveHeap(): void {
    for (const [op, block] of this.blocks) {
      this.copyAside(op, this.copyIn(block, op));
      this.heap.release(block);
    }
    this.blocks.clear();
  }

  private copyAside(op: UploadOp, bytes: Uint8Array): void {
    try {
      this.waiting.set(op, bytes.slice());
    } catch (cause) {
      this.waiting.delete(op);
      this.lost.set(op, cause);
    }
  }

  /** The block of a copy that is to be what `handle` begins with, which is the caller's from now on; undefined where there is none. */
  adopt(handle: Handle): Block | undefined {
    const op = this.filling.get(handle);
    const block = op && this.blocks.get(op);
    if (block) this.blocks.delete(op);
    if (block) this.waiting.delete(op);
    return block;
  }

  /** Hands the bytes to `use`, unless their buffer has them since it was made. */
  take(op: UploadOp, use: (bytes: Uint8Array) => void): void {
    if (this.lost.has(op)) throw this.lost.get(op);
    const bytes = this.waiting.get(op);
    if (!bytes) return;
    const block = this.blocks.get(op);
    use(block ? this.copyIn(block, op) : bytes);
    if (this.repeated.has(op)) return;
    this.waiting.delete(op);
    if (block) this.heap.release(block);
    this.blocks.delete(op);
  }

  /** Gives up what no buffer has taken. */
  release(): void {
    for (const block of this.blocks.values()) this.heap.release(block);
    this.blocks.clear();
    this.waiting.clear();
  }
}

function bytesOf({ data }: UploadOp): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

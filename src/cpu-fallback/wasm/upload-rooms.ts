// Room in the shared memory for what is to be uploaded: whoever fills it there spares the copy, for the block becomes the buffer.
import type { UploadMemory } from '../../compute/backend.js';
import type { Block, SharedHeap } from './shared-heap.js';

interface Room {
  readonly block: Block;
  readonly buffer: ArrayBufferLike;
  /** Held weakly: a room that its taker forgets, because what it was for has failed, comes back. */
  readonly taken: WeakRef<Uint8Array>;
}

export class UploadRooms implements UploadMemory {
  /** Those that are out, by their addresses. */
  private readonly rooms = new Map<number, Room>();
  private readonly forgotten = new FinalizationRegistry<Room>((room) => this.end(room));

  constructor(
    private readonly heap: SharedHeap,
    private readonly memory: WebAssembly.Memory,
  ) {}

  take(bytes: number): Uint8Array {
    const block = this.heap.allocate(bytes);
    // the upload is a copy then, as of any other memory
    if (!block) return new Uint8Array(bytes);
    const taken = new Uint8Array(this.memory.buffer, block.address, bytes);
    const room = { block, buffer: taken.buffer, taken: new WeakRef(taken) };
    this.rooms.set(block.address, room);
    this.forgotten.register(taken, room);
    return taken;
  }

  give(taken: Uint8Array): void {
    const room = this.rooms.get(taken.byteOffset);
    // of one that was uploaded the memory may be out again
    if (room?.taken.deref() === taken) this.end(room);
  }

  /** The block of the room that begins where `data` does, which is the caller's from now on; undefined where there is none. */
  claim({ buffer, byteOffset, byteLength }: ArrayBufferView): Block | undefined {
    const room = this.rooms.get(byteOffset);
    if (room?.buffer !== buffer || byteLength > room.block.bytes) return undefined;
    this.rooms.delete(byteOffset);
    return room.block;
  }

  private end(room: Room): void {
    const { address } = room.block;
    if (this.rooms.get(address) !== room) return;
    this.rooms.delete(address);
    this.heap.release(room.block);
  }
}

/** Those of a backend; undefined under Deno, whose calls of the system take no shared memory. */
export const uploadRooms = (heap: SharedHeap, memory: WebAssembly.Memory): UploadRooms | undefined =>
  'deno' in process.versions ? undefined : new UploadRooms(heap, memory);

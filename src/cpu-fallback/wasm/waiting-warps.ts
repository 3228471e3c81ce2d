// Warps into a cube that nobody has looked at yet. Where the cube is stacked next, the stack does them as it comes to each strip of a block (assembly/warp-cfa/warp-strips.ts), and the cube takes no
// memory.
import type { LateCubes } from '../../compute/backend.js';
import { BLOCK_SIZE } from '../../compute/constants.js';
import { contractOf, type WasmStem } from './inner-contracts.js';
import { WARP_CALL_BYTES, withAddress } from './job-layout.js';
import type { Block } from './shared-heap.js';
import { HAND_BYTES, LEAST_ROWS, stripBytes, stripRowsOf } from './strips.js';

type Params = Readonly<Record<string, number>>;

const CUBE_ROLE = contractOf('warp-window').buffers.findIndex(({ name }) => name === 'cube');
const PLANES = 3;
/** What the lists of a stack take for a frame, in every thread. */
const LISTS_BYTES = 850;
/** Of the part of a window that a block is made of: its samples by their colours, with some around them. */
const PART_PIXEL_BYTES = 8;
/** Of a window as its file has it: two bytes, an eighth for marks of defects, and what rounding takes. */
const STORED_PIXEL_BYTES = 2.2;
/** The same of one of float32 samples. */
const PIXEL_BYTES = 4.1;
/** The call, a pixel map here and with whoever made it, levels, flags, and what the heap keeps about them. */
const CALL_BYTES = 5e3;

/** What the warps of a cube take that wait for a stack by so many threads. */
export const lateCubes = (threads: number): LateCubes => ({
  windowPixelBytes: PIXEL_BYTES,
  storedPixelBytes: STORED_PIXEL_BYTES,
  slotBytes: CALL_BYTES + threads * LISTS_BYTES,
  handBytes: threads * PLANES * stripBytes(BLOCK_SIZE),
  handLeastBytes: threads * PLANES * stripBytes(LEAST_ROWS),
  handMostBytes: threads * HAND_BYTES,
  partPixelBytes: threads * PART_PIXEL_BYTES,
});

/**
 * Calls of warp-window into one cube, each into a slot of its own. They are kept as the threads take them, in one array: a deep cell has thousands, and as objects each takes
 * some two kilobytes.
 */
export class WaitingWarps {
  /** Packed, slot by slot. */
  private jobs = new Uint8Array(0);
  private readonly taken = new Set<number>();
  /** Of the cell and its cube, which they share. */
  private shape: Params = {};
  private regionBytes = 0;
  /** What they read, a block as often as they do. */
  private blocks: Block[] = [];

  /** False where a call does not belong to those that wait. */
  private takes({ slot, slots, cellWidth, cellHeight }: Params): boolean {
    const { shape } = this;
    const isAlike =
      this.taken.size === 0 ||
      (shape.cellWidth === cellWidth && shape.cellHeight === cellHeight && shape.slots === slots);
    return isAlike && !this.taken.has(slot);
  }

  /** A call that is taken, packed, with the blocks of its roles and of its tables. Returns those of them that it reads. */
  add(params: Params, job: Uint8Array, roles: readonly Block[], tables: readonly Block[]): readonly Block[] {
    const { slot, slots, cellWidth, cellHeight, regionBytes } = params;
    if (this.taken.size === 0) {
      this.shape = { slots, cellWidth, cellHeight };
      this.jobs = new Uint8Array(slots * WARP_CALL_BYTES);
    }
    this.jobs.set(job, slot * WARP_CALL_BYTES);
    this.taken.add(slot);
    this.regionBytes = Math.max(this.regionBytes, regionBytes);
    const first = this.blocks.length;
    for (let i = 0; i < roles.length; i++) if (i !== CUBE_ROLE) this.blocks.push(roles[i]);
    for (const table of tables) this.blocks.push(table);
    return this.blocks.slice(first);
  }

  /** What a guarded stack of so many of them has in hand: the parameters of its contract. */
  inHand({ slots, planes }: Params): Params {
    return { stripRows: stripRowsOf(slots, planes), regionBytes: this.regionBytes };
  }

  /** Whether a guarded stack with these parameters finds all of its frames here. */
  private isAllOf({ width, pixels, planes, slots }: Params): boolean {
    if (planes !== PLANES || this.taken.size !== slots || this.taken.has(0)) return false;
    const { cellWidth, cellHeight, slots: ofCube } = this.shape;
    return cellWidth === width && cellWidth * cellHeight === pixels && ofCube === slots + 1;
  }

  /** These warps, where they wait on beyond a call for their cube: it is one of them, or does them itself. */
  waitingOn(stem: WasmStem, params: Params): WaitingWarps | undefined {
    const does = stem === 'guarded-stack' && this.isAllOf(params);
    return does || (stem === 'warp-window' && this.takes(params)) ? this : undefined;
  }

  /** The packed calls of all slots but the first, one after the other, for a cube that lies nowhere. */
  list(): Uint8Array {
    return this.jobs.subarray(WARP_CALL_BYTES);
  }

  /** The calls for a cube that lies at `address`. */
  calls(address: number): { readonly params: Params; readonly job: Uint8Array }[] {
    const { shape, regionBytes } = this;
    return Array.from(this.taken, (slot) => {
      const at = slot * WARP_CALL_BYTES;
      const job = this.jobs.subarray(at, at + WARP_CALL_BYTES);
      return {
        params: { ...shape, slot, regionBytes },
        job: withAddress('warp-window', job, CUBE_ROLE, address),
      };
    });
  }

  /** What all of them read, a block as often as they do; none waits any more. */
  take(): Block[] {
    const { blocks } = this;
    this.taken.clear();
    this.jobs = new Uint8Array(0);
    this.blocks = [];
    this.regionBytes = 0;
    return blocks;
  }
}

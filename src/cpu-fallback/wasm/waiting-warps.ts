// Warps into a cube that nobody has looked at yet. Where the cube is stacked next, the stack does them as it comes to each strip of a block (assembly/warp-cfa/warp-strips.ts), and the cube takes no
// memory.
import type { LateCubes } from '../../compute/backend.js';
import { BLOCK_SIZE } from '../../compute/constants.js';
import { contractOf, type WasmStem } from './inner-contracts.js';
import { packJob, WARP_CALL_BYTES } from './job-layout.js';
import type { Block } from './shared-heap.js';
import { HAND_BYTES, LEAST_ROWS, stripBytes, stripRowsOf } from './strips.js';

type Params = Readonly<Record<string, number>>;

interface WaitingWarp {
  readonly params: Params;
  /** As `packJob` has them. */
  readonly addresses: readonly number[];
  /** What it reads. */
  readonly blocks: readonly Block[];
}

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
/** A pixel map, levels, flags, and what the heap keeps about them. */
const CALL_BYTES = 10e3;

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

/** Calls of warp-window into one cube, each into a slot of its own. */
export class WaitingWarps {
  private readonly warps = new Map<number, WaitingWarp>();

  /** False where a call does not belong to those that wait. */
  private takes(params: Params): boolean {
    const { slot, slots, cellWidth, cellHeight } = params;
    const [first] = this.warps.values();
    const isAlike =
      !first ||
      (first.params.cellWidth === cellWidth &&
        first.params.cellHeight === cellHeight &&
        first.params.slots === slots);
    return isAlike && !this.warps.has(slot);
  }

  /** A call that is taken, with the blocks of its roles and of its tables. Returns those of them that it reads. */
  add(
    params: Params,
    addresses: readonly number[],
    roles: readonly Block[],
    tables: readonly Block[],
  ): readonly Block[] {
    const blocks = [...roles.filter((_, i) => i !== CUBE_ROLE), ...tables];
    this.warps.set(params.slot, { params, addresses, blocks });
    return blocks;
  }

  /** What a guarded stack of so many of them has in hand: the parameters of its contract. */
  inHand({ slots, planes }: Params): Params {
    const all = Array.from(this.warps.values(), ({ params }) => params.regionBytes);
    const regionBytes = all.reduce((most, bytes) => Math.max(most, bytes), 0);
    return { stripRows: stripRowsOf(slots, planes), regionBytes };
  }

  /** Whether a guarded stack with these parameters finds all of its frames here. */
  private isAllOf({ width, pixels, planes, slots }: Params): boolean {
    const [first] = this.warps.values();
    if (!first || planes !== PLANES || this.warps.size !== slots || this.warps.has(0)) return false;
    const { cellWidth, cellHeight, slots: ofCube } = first.params;
    return cellWidth === width && cellWidth * cellHeight === pixels && ofCube === slots + 1;
  }

  /** These warps, where they wait on beyond a call for their cube: it is one of them, or does them itself. */
  waitingOn(stem: WasmStem, params: Params): WaitingWarps | undefined {
    const does = stem === 'guarded-stack' && this.isAllOf(params);
    return does || (stem === 'warp-window' && this.takes(params)) ? this : undefined;
  }

  /** The packed calls by their slots, one after the other, for a cube that lies nowhere. */
  list(): Uint8Array {
    const bytes = new Uint8Array(this.warps.size * WARP_CALL_BYTES);
    for (const [slot, { params, addresses }] of this.warps)
      bytes.set(packJob('warp-window', params, addresses), (slot - 1) * WARP_CALL_BYTES);
    return bytes;
  }

  /** The calls for a cube that lies at `address`. */
  calls(address: number): { readonly params: Params; readonly job: Uint8Array }[] {
    return Array.from(this.warps.values(), ({ params, addresses }) => ({
      params,
      job: packJob('warp-window', params, addresses.with(CUBE_ROLE, address)),
    }));
  }

  /** What all of them read, a block as often as they do; none waits any more. */
  take(): Block[] {
    const blocks = Array.from(this.warps.values(), ({ blocks }) => blocks).flat();
    this.warps.clear();
    return blocks;
  }
}

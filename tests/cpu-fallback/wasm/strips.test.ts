// A guarded stack that does its warps has a strip of each block in hand: the same bytes whatever its rows.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { BLOCK_SIZE } from '../../../src/compute/constants.js';
import { WARP_BILINEAR, WARP_LANCZOS3 } from '../../../src/compute/contracts/warp.js';
import { WARP_CUBIC } from '../../../src/compute/contracts/warp-cfa.js';
import { kernelPasses } from '../../../src/cpu-fallback/wasm/kernel-passes.js';
import { type Block, SharedHeap } from '../../../src/cpu-fallback/wasm/shared-heap.js';
import { StepList } from '../../../src/cpu-fallback/wasm/step-list.js';
import type * as Strips from '../../../src/cpu-fallback/wasm/strips.js';
import { lateCubes } from '../../../src/cpu-fallback/wasm/waiting-warps.js';
import { createWasmBackend } from '../../../src/cpu-fallback/wasm/wasm-backend.js';
import { lateBytes } from '../../../src/pipeline/planning/cells/cell-memory.js';
import { SETTINGS } from '../../helpers/guarded-cube.js';
import { opened } from './open-backends.js';
import { type Cell, cubeIn, isSame, PLANES, readsOf, stacks, WHOLE } from './warped-cube.js';

const { stripRowsOf, stripBytes, HAND_BYTES } = await vi.importActual<typeof Strips>(
  '../../../src/cpu-fallback/wasm/strips.js',
);
/** Rows of the strips of the backend. */
let rows = BLOCK_SIZE;
vi.mock('../../../src/cpu-fallback/wasm/strips.js', async (original) => ({
  ...(await original<typeof Strips>()),
  stripRowsOf: () => rows,
}));

async function stacked(late: boolean, cell: Cell, kernel: number, mapsRejected: boolean, threads = 2) {
  const backend = opened(await createWasmBackend({ threads }));
  const cube = await cubeIn(backend, cell, late, kernel);
  return readsOf(backend, stacks(cube, cell, { ...SETTINGS, mapsRejected }));
}

const MARK = 0xa5;

/**
 * Marks what the heap gives beyond the bytes asked for, with none to spare in a thread's scratch, and in the block of that, which is larger and stays, what lies behind the
 * scratch of each list. Returns of all blocks given back, and of each list's scratch, the bytes where a mark is gone. Of one thread.
 */
function watchEnds(): number[] {
  const { allocate, release } = SharedHeap.prototype;
  const { scratchBytes, setScratch, clear } = StepList.prototype;
  const blocks = new Map<number, { readonly block: Block; readonly heap: SharedHeap }>();
  const ends = new Map<number, () => Uint8Array>();
  const spoilt: number[] = [];
  const marked =
    (heap: SharedHeap, { address, bytes }: Block, wanted: number) =>
    () => {
      const { memory } = heap as unknown as { memory: WebAssembly.Memory };
      return new Uint8Array(memory.buffer, address + wanted, bytes - wanted);
    };
  vi.spyOn(StepList.prototype, 'scratchBytes').mockImplementation(function (this: StepList) {
    return Math.max(0, scratchBytes.call(this) - 64);
  });
  vi.spyOn(SharedHeap.prototype, 'allocate').mockImplementation(function (this: SharedHeap, wanted) {
    const block = allocate.call(this, wanted);
    if (!block) return undefined;
    const end = marked(this, block, wanted);
    end().fill(MARK);
    ends.set(block.address, end);
    blocks.set(block.address, { block, heap: this });
    return block;
  });
  let behind: (() => Uint8Array) | undefined;
  vi.spyOn(StepList.prototype, 'setScratch').mockImplementation(function (this: StepList, address, stride) {
    const { block, heap } = blocks.get(address)!;
    behind = marked(heap, block, stride);
    behind().fill(MARK);
    setScratch.call(this, address, stride);
  });
  vi.spyOn(StepList.prototype, 'clear').mockImplementation(function (this: StepList) {
    if (behind?.().some((byte) => byte !== MARK)) spoilt.push(behind().byteOffset);
    behind = undefined;
    clear.call(this);
  });
  vi.spyOn(SharedHeap.prototype, 'release').mockImplementation(function (this: SharedHeap, block) {
    if (ends.get(block.address)!().some((byte) => byte !== MARK)) spoilt.push(block.bytes);
    release.call(this, block);
  });
  return spoilt;
}

describe('strips', () => {
  afterEach(() => vi.restoreAllMocks());

  const cells: [string, Cell][] = [
    ['whole blocks and parts of some', WHOLE],
    ['a row', { x0: 20, width: 70, height: 1 }],
    ['one row more than a strip', { x0: 20, width: 130, height: 9 }],
    ['two rows of a block more', { x0: 0, width: 64, height: 130 }],
  ];
  it.each(cells)('of any number of rows give the same bytes: %s', async (_, cell) => {
    for (const kernel of [WARP_BILINEAR, WARP_CUBIC, WARP_LANCZOS3])
      for (const mapsRejected of [true, false]) {
        const wanted = await stacked(false, cell, kernel, mapsRejected);
        for (rows of [64, 32, 16, 8]) {
          const made = await stacked(true, cell, kernel, mapsRejected);
          expect(made).toHaveLength(wanted.length);
          wanted.forEach((read, i) => expect(isSame(read, made[i]), `read ${i}, ${rows} rows`).toBe(true));
        }
      }
  });

  it('write nothing behind the scratch of their thread', async () => {
    const spoilt = watchEnds();
    for (const kernel of [WARP_CUBIC, WARP_LANCZOS3])
      for (rows of [64, 32, 16, 8]) await stacked(true, WHOLE, kernel, true, 1);
    expect(spoilt).toEqual([]);
  });

  it('take no more than they are said to', () => {
    const { scratch } = kernelPasses['guarded-stack'].warped!.pass;
    const said = (threads: number, frames: number) => {
      const late = { bytes: lateCubes(threads), areStored: true, blockPixels: BLOCK_SIZE ** 2 };
      return lateBytes(late, { windows: 0, frames });
    };
    for (let slots = 1; slots < 4000; slots += 3) {
      const stripRows = stripRowsOf(slots, PLANES);
      const bytes = scratch!({ slots, planes: PLANES, stripRows, regionBytes: 0 });
      const ofThread = said(2, slots) - said(1, slots);
      // what does not depend on their number is little
      expect(bytes).toBeLessThan(ofThread + 1e5);
      expect(bytes).toBeGreaterThan(ofThread / 2);
    }
  });

  it('are whole blocks of few frames, and eight rows at least', () => {
    const least = 3 * stripBytes(8);
    expect([1, 50, 200, 600, 1000, 2000, 10_000].map((slots) => stripRowsOf(slots, 3))).toEqual([
      64, 64, 64, 32, 16, 8, 8,
    ]);
    for (let slots = 1; slots < 3000; slots += 7) {
      const bytes = slots * 3 * stripBytes(stripRowsOf(slots, 3));
      expect(bytes).toBeLessThanOrEqual(Math.max(HAND_BYTES, slots * least));
    }
  });
});

// How far V8 lets its heap grow before it collects: what is kept of thousands of frames must not be answered with a multiple of itself.
import { getHeapStatistics } from 'node:v8';
import { shrinkHeap } from '../shrink-heap.js';
import { RUN_HEAP_GROWTH_PERCENT, setHeapGrowth, setYoungSpaceGrows } from '../v8-flags.js';
import { OBJECT_BYTES } from './planning/frames/frame-memory.js';

/** Objects of a run without frames: code, configuration, catalogues. A collection while frames are measured leaves 10.5 MB. */
const PROGRAM_BYTES = 10e6;
/** Garbage that may lie in the heap until it is collected: of few frames `v8-flags.ts` allows as much; and at least. */
export const GARBAGE_BYTES = 64e6;
const LEAST_GARBAGE_BYTES = 24e6;
/** Objects and garbage together, and garbage as a share of the memory budget, as far as these leave that. */
const HEAP_BYTES = 96e6;
const BUDGET_SHARE = 1 / 12;

/** From so many frames on it pays to collect once a stage of planning has ended: its arrays, up to 100 kB a frame, would stand beside those of the next stage. */
const MANY_FRAMES = 100;

const objectBytes = (frames: number): number => PROGRAM_BYTES + frames * OBJECT_BYTES;

/** With the objects of so many frames in the heap and a budget of so many MiB. */
function garbageBytes(frames: number, budgetMb: number): number {
  const room = Math.min(HEAP_BYTES - objectBytes(frames), BUDGET_SHARE * budgetMb * 2 ** 20);
  return Math.min(GARBAGE_BYTES, Math.max(LEAST_GARBAGE_BYTES, room));
}

/** Growth beyond what a collection leaves, percent, with the objects of so many frames in the heap and a budget of so many MiB. */
export function heapGrowthPercent(frames: number, budgetMb: number): number {
  return Math.min(
    RUN_HEAP_GROWTH_PERCENT,
    Math.ceil((100 * garbageBytes(frames, budgetMb)) / objectBytes(frames)),
  );
}

/** From now on, in this process. */
export function limitHeapGrowth(frames: number, budgetMb: number): void {
  setHeapGrowth(heapGrowthPercent(frames, budgetMb));
  // so much stays of many that a small young space is collected for it again and again
  setYoungSpaceGrows(frames >= MANY_FRAMES);
}

/** Garbage that may lie in the heap from then on, less than any budget has room for: cells of so many frames cost hardly more time where less of it waits. */
export const LATER_GARBAGE_BYTES = 16e6;

/** Called where a stage of planning has ended, and nobody holds what it has made but what it came to; a collection takes some 3 ms for 100 frames. */
export async function leaveStage(frames: number): Promise<void> {
  if (frames < MANY_FRAMES) return;
  // what the work at hand has asked for stays until it is done
  await new Promise((resolve) => setImmediate(resolve));
  await shrinkHeap();
  setHeapGrowth(Math.ceil((100 * LATER_GARBAGE_BYTES) / getHeapStatistics().used_heap_size));
}

/**
 * `leaveStage` where cells begin: the young space then stays as small as the collection has left it. Cells make little garbage that lives, while V8 would let that space grow to 32 MB, page by page;
 * planning keeps more of what it makes, and would collect a small one again and again.
 */
export async function leavePlan(frames: number): Promise<void> {
  await leaveStage(frames);
  if (frames >= MANY_FRAMES) setYoungSpaceGrows(false);
}

// How far V8 lets its heap grow before it collects: what is kept of thousands of frames must not be answered with a multiple of itself.
import { collectGarbage, RUN_HEAP_GROWTH_PERCENT, setHeapGrowth } from '../v8-flags.js';
import { OBJECT_BYTES } from './planning/frame-memory.js';

/** Objects of a run without frames: code, configuration, catalogues. A collection while frames are measured leaves 10.5 MB. */
const PROGRAM_BYTES = 10e6;
/** Garbage that may lie in the heap until it is collected; of few frames `v8-flags.ts` allows as much. */
export const GARBAGE_BYTES = 64e6;
/** Growth beyond what a collection leaves, percent, with the objects of so many frames in the heap. */
export function heapGrowthPercent(frames: number): number {
  return Math.min(
    RUN_HEAP_GROWTH_PERCENT,
    Math.ceil((100 * GARBAGE_BYTES) / (PROGRAM_BYTES + frames * OBJECT_BYTES)),
  );
}

/** From now on, in this process. */
export function limitHeapGrowth(frames: number): void {
  setHeapGrowth(heapGrowthPercent(frames));
}

/** From so many frames on it pays to collect once a stage of planning has ended: its arrays, up to 100 kB a frame, would stand beside those of the next stage. */
const MANY_FRAMES = 300;

/** Called where a stage of planning has ended, and nobody holds what it has made but what it came to; a collection takes some 3 ms for 100 frames. */
export async function leaveStage(frames: number): Promise<void> {
  if (frames < MANY_FRAMES) return;
  // what the work at hand has asked for stays until it is done
  await new Promise((resolve) => setImmediate(resolve));
  collectGarbage();
}

// How many threads the measure pass starts beside the one that asks.
import type { FrameRecord } from '../frames/frame-record.js';
import { BASE_MEMORY_BYTES } from './planning/mosaic-plan.js';
import { lookBytes } from './star-memory.js';

/**
 * A thread is worth starting for this many samples: it takes 0.15 s of a processor to load and until its code is as fast as that of the thread that asks; these take 0.7 s.
 * Measured with frames of 2 Mpx on two cores, docs/performance.md.
 */
const SAMPLES_A_THREAD = 48e6;
/** Isolate, code and buffers of a thread. */
const THREAD_BYTES = 24e6;
/** Reading and the one thread that hands out frames keep no more than these busy. */
const MAX_THREADS = 15;
const MIB = 2 ** 20;

/** 0 where there is too little to measure, or no memory for a second frame. `processors`: how many the run may use. */
export function measureThreads(
  frames: readonly Pick<FrameRecord, 'width' | 'height' | 'planes'>[],
  processors: number,
  budgetMb: number,
): number {
  const samples = frames.reduce((sum, { width, height, planes }) => sum + width * height * planes, 0);
  const largest = frames.reduce((most, frame) => Math.max(most, lookBytes(frame)), 0);
  const free = budgetMb * MIB - BASE_MEMORY_BYTES;
  // the thread that asks looks at frames as well
  const inMemory = Math.floor((free - largest) / (largest + THREAD_BYTES));
  const threads = Math.min(processors - 1, inMemory, Math.floor(samples / SAMPLES_A_THREAD), MAX_THREADS);
  return Math.max(0, threads);
}

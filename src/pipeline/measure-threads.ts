// How many threads the measure pass starts beside the one that asks.
import type { FrameRecord } from '../frames/frame-record.js';
import { BASE_MEMORY_BYTES } from './planning/mosaic-plan.js';
import { spareProcessors } from './spare-processors.js';
import { lookBytes } from './star-memory.js';

/**
 * A thread is worth starting for this many samples: it takes 0.08 s of a processor to load and until its code is as fast as that of the thread that asks, which is CPU time that one thread alone would not take; these take 0.7 s.
 * Measured with frames of 2 Mpx on two cores, docs/performance.md.
 */
const SAMPLES_A_THREAD = 48e6;
/** Where there are processors that would have nothing to do: a thread looks at its samples for as long as it took to get there, and all are through sooner (docs/performance.md). */
const SAMPLES_WITH_PROCESSORS_TO_SPARE = 6e6;
/** Isolate, code and buffers of a thread. */
const THREAD_BYTES = 24e6;
/** Reading and the one thread that hands out frames keep no more than these busy. */
const MAX_THREADS = 15;
/** One more pair of eyes is worth less than that none of these ever waits for the next frame. */
const ENOUGH_THREADS = 4;
const MIB = 2 ** 20;

/** Samples that are not counted as 16-bit integers take this many times as long. */
const SORTED_COST = 10;

/** A frame to be measured, and whether its samples go to masters first. */
export interface FrameToMeasure {
  readonly record: Pick<
    FrameRecord,
    'width' | 'height' | 'planes' | 'bitpix' | 'readableByWindows' | 'wholeFileCompression'
  >;
  readonly isCalibrated: boolean;
}

/**
 * 0 where there is too little to measure, or no memory for a second frame. `processors`: how many the run may use. Where some frames are calibrated, the thread that asks does that
 * for all threads, and has one more of them.
 */
export function measureThreads(
  frames: readonly FrameToMeasure[],
  processors: number,
  budgetMb: number,
): number {
  const work = frames.reduce((sum, frame) => sum + samplesOf(frame.record) * costOf(frame), 0);
  const largest = frames.reduce((most, { record }) => Math.max(most, lookBytes(record)), 0);
  const free = budgetMb * MIB - BASE_MEMORY_BYTES;
  const inMemory = Math.floor((free - largest) / (largest + THREAD_BYTES));
  const most =
    processors > 1 && frames.some(({ isCalibrated }) => isCalibrated) ? processors : processors - 1;
  const worth = spareProcessors(processors) > 0 ? SAMPLES_WITH_PROCESSORS_TO_SPARE : SAMPLES_A_THREAD;
  return Math.max(0, Math.min(most, inMemory, Math.floor(work / worth), MAX_THREADS));
}

/**
 * Whether the thread that asks looks at frames of its own beside `threads` others. Not where it calibrates for all of them, nor where these are so many that it has enough to do
 * with handing out frames and with finding where those that were looked at lie.
 */
export function looksItself(frames: readonly FrameToMeasure[], threads: number): boolean {
  return threads === 0 || (threads < ENOUGH_THREADS && !frames.some(({ isCalibrated }) => isCalibrated));
}

const samplesOf = ({ width, height, planes }: FrameToMeasure['record']): number => width * height * planes;

function costOf({ record, isCalibrated }: FrameToMeasure): number {
  const isPlain = record.readableByWindows || record.wholeFileCompression;
  return record.bitpix === 16 && isPlain && !isCalibrated ? 1 : SORTED_COST;
}

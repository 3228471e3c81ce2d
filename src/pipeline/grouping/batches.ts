// Groups cut into batches: by number of frames with an overlap, or by how much of the canvas they cover.
import { LEAST_FRAMES } from './cluster-frames.js';

/**
 * Batches of at most `most` frames, each beginning (1 - `overlap`) x `most` after the one before; the rest of fewer than three goes with the last one.
 * `frames` in the order of time. 0 = one batch.
 */
export function cappedBatches(frames: readonly number[], most: number, overlap: number): number[][] {
  if (most <= 0 || frames.length <= most) return [[...frames]];
  const step = Math.max(1, Math.round(most * (1 - overlap)));
  const batches: number[][] = [];
  for (let start = 0; start < frames.length; start += step) {
    const rest = frames.length - (start + most);
    batches.push(frames.slice(start, rest < LEAST_FRAMES ? undefined : start + most));
    if (rest < LEAST_FRAMES) break;
  }
  return batches;
}

export interface CoverageBatchOptions {
  /** Share of the canvas that closes a batch, 0 to 1. */
  readonly coverage: number;
  readonly minFrames: number;
  /** Frames that close a batch whatever they cover. */
  readonly targetFrames: number;
}

/**
 * Batches in the order of `frames`: each is closed when it covers its share of all blocks that any frame touches and has enough frames, or has its
 * target of frames. A last batch of too few goes with the one before. `blocksOf(f)` are the numbers of the blocks under a frame.
 */
export function coverageBatches(
  frames: readonly number[],
  blocksOf: (frame: number) => Iterable<number>,
  { coverage, minFrames, targetFrames }: CoverageBatchOptions,
): number[][] {
  const all = new Set<number>();
  for (const f of frames) for (const block of blocksOf(f)) all.add(block);
  const batches: number[][] = [];
  let batch: number[] = [];
  let covered = new Set<number>();
  for (const f of frames) {
    batch.push(f);
    for (const block of blocksOf(f)) covered.add(block);
    const isFull = covered.size >= coverage * all.size && batch.length >= minFrames;
    if (!isFull && batch.length < Math.max(minFrames, targetFrames)) continue;
    batches.push(batch);
    [batch, covered] = [[], new Set()];
  }
  if (batch.length >= minFrames || batches.length === 0) batches.push(batch);
  else batches[batches.length - 1].push(...batch);
  return batches.filter((list) => list.length > 0);
}

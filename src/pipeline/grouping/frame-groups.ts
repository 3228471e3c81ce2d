// Frames that are stacked apart before the stacks are put together: the plan of every mode but mosaic-first.

/** How a mosaic is put together. */
export type AssemblyMode = 'mosaic_first' | 'classic' | 'sds' | 'grid';

/** Frames of one stack: numbers of frames, ascending. */
export type FrameGroup = readonly number[];

/** The stacks of a run in the order of their numbers; every frame is in one at least. */
export interface FrameGroups {
  readonly mode: Exclude<AssemblyMode, 'mosaic_first'>;
  readonly groups: readonly FrameGroup[];
}

/**
 * In how many groups each of `frames` frames is. A frame's weight is divided by it: the stacks of overlapping batches then add up to a mean in which
 * each frame counts once, sum_g sum_f (w / k) v / sum_g sum_f (w / k) = sum_f w v / sum_f w.
 */
export function groupCounts({ groups }: FrameGroups, frames: number): Uint32Array {
  const counts = new Uint32Array(frames);
  for (const group of groups) for (const f of group) counts[f]++;
  return counts;
}

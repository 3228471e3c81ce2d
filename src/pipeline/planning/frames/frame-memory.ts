// What a frame costs a run in memory beside its pixels, by its header.
import { MAX_STARS } from '../../../astrometry/stars/star-finder.js';
import type { FrameRecord } from '../../../frames/frame-record.js';
import { MESH_STEP } from '../../../photometry/background/background-mesh.js';
import { cellCount } from '../../../photometry/background/level-grid.js';
import { sharedOfEach } from './shared-stars.js';

/** Record, WCS and plan as objects of V8; measured 6.3 kB. */
export const OBJECT_BYTES = 8e3;
/** What the allocator keeps about some twenty small arrays, 160 bytes each: those of frames that an earlier run has measured lie in no common blocks. */
const ALLOCATOR_BYTES = 3e3;
/** Pixels of stars that are left out for what lies on them (see `IntegrationFrame`), by the stars that are compared; 5 kB were measured where frames show 400. */
const LEFT_OUT_BYTES = 15;

/** Brightest unsaturated stars that are kept of each of so many frames: all that are found of few, since solvers look at many of them; else those that are matched. */
export const keptStars = (frames: number): number =>
  frames * MAX_STARS <= MAX_KEPT_STARS ? MAX_STARS : sharedOfEach(frames);
const MAX_KEPT_STARS = 1e6;

/** Bytes of `count` stars of a StarList. */
export function starBytes(count: number, channels: number): number {
  const [doubles, floats, flags] = [2, 4 + channels, 1];
  return count * (8 * doubles + 4 * floats + flags);
}

/** Bytes of the level and noise of a LevelGrid. */
export function meshBytes(width: number, height: number, channels: number): number {
  return 4 * 2 * channels * cellCount(width, MESH_STEP) * cellCount(height, MESH_STEP);
}

/**
 * Bytes that stay of each of `frames` frames once their integration is planned, with as many stars as stay at most. Meshes go after the plan (see `plannedFrames`) and are counted
 * all the same: beside the blocks that are given back, planning leaves holes in the process' memory.
 */
export function frameMemoryBytes(
  { width, height, sensor }: Pick<FrameRecord, 'width' | 'height' | 'sensor'>,
  frames: number,
): number {
  const channels = sensor.kind === 'mono' ? 1 : 3;
  const stars = sharedOfEach(frames);
  const arrays = starBytes(stars, channels) + meshBytes(width, height, channels) + LEFT_OUT_BYTES * stars;
  return OBJECT_BYTES + ALLOCATOR_BYTES + arrays;
}

// What a frame costs a run in memory beside its pixels, by its header.
import { MAX_STARS } from '../../astrometry/stars/star-finder.js';
import type { FrameRecord } from '../../frames/frame-record.js';
import { MESH_STEP } from '../../photometry/background/background-mesh.js';
import { cellCount } from '../../photometry/background/level-grid.js';

/** Record, WCS and plan as objects of V8; measured 9.4 kB. */
export const OBJECT_BYTES = 12e3;
/** What the allocator keeps about some twenty small arrays, 160 bytes each: those of frames that an earlier run has measured lie in no common blocks. */
const ALLOCATOR_BYTES = 3e3;
/** Pixels of stars that are left out for what lies on them (see `IntegrationFrame`); 5 kB were measured where frames show 400 stars. */
const LEFT_OUT_BYTES = 6e3;

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
 * Bytes that stay of a frame once it is measured, with as many stars as are kept at most. The plan needs them all; what goes after it (see
 * `plannedFrames`) is counted for the whole run: beside the blocks that are given back, planning leaves holes in the process' memory.
 */
export function frameMemoryBytes({
  width,
  height,
  sensor,
}: Pick<FrameRecord, 'width' | 'height' | 'sensor'>): number {
  const channels = sensor.kind === 'mono' ? 1 : 3;
  const arrays = starBytes(MAX_STARS, channels) + meshBytes(width, height, channels) + LEFT_OUT_BYTES;
  return OBJECT_BYTES + ALLOCATOR_BYTES + arrays;
}

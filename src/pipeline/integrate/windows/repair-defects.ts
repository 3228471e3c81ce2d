// Defects of a sensor that are known by their place: in each window they get the median of their sound neighbours.
import { sharedPasses } from '../../../simd/sample-passes.js';
import type { WindowRect, WindowSamples } from './frame-window.js';
import { pixelsOfRows } from './listed-pixels.js';
import { planeOf, samplesAt } from './sample-plane.js';

/** Pixels of a frame, `y * nx + x` ascending, whose samples say nothing. */
export interface DefectMap {
  readonly pixels: Uint32Array;
  /** Tells maps apart. */
  readonly digest: string;
}

/** How far away, in pixels, a defect's neighbours lie at most. */
export const DEFECT_REACH = 2;

const NEIGHBOURS = 8;
/** What a pass writes for a neighbour that there is not. */
const NONE = 2 ** 32 - 1;

/**
 * In place, in samples of one plane: every defect inside the window becomes the median of the up to eight samples at distance `step` (2 on a CFA) that are
 * valid and no defects; without any it stays. What a window gives is what the whole frame gives wherever DEFECT_REACH pixels around are inside it.
 */
export function repairDefects(
  samples: WindowSamples,
  rect: WindowRect,
  nx: number,
  step: 1 | 2,
  { pixels }: DefectMap,
): void {
  const { x0, y0, width, height } = rect;
  const listed = pixelsOfRows(pixels, nx, y0, height);
  if (listed.length === 0) return;
  const room = sharedPasses();
  const most = listed.length;
  const at = room.put(listed);
  const places = room.take(4 * most);
  const around = room.take(4 * NEIGHBOURS * most);
  const values = room.take(8 * NEIGHBOURS * most);
  const medians = room.take(8 * most);
  const count = room.passes.soundNeighbours(at, most, nx, x0, y0, width, height, step, places, around);
  const neighbours = new Uint32Array(room.buffer, around, NEIGHBOURS * count);
  const read = new Float64Array(room.buffer, values, NEIGHBOURS * count);
  samplesAt(samples, neighbours, NONE, read);
  room.passes.neighbourMedians(values, count, medians);
  const plane = planeOf(samples);
  const inside = new Uint32Array(room.buffer, places, count);
  const found = new Float64Array(room.buffer, medians, count);
  for (let k = 0; k < count; k++) if (!Number.isNaN(found[k])) plane.set(inside[k], found[k]);
}

// A frame in a few thousand boxes, of which those are marked that stand out from their surroundings: what lines are sought among.
import type { PlacedCoarse } from './placed-coarse.js';

/** Boxes along the longer side: a trail of a few pixels is still as wide as one, and faint ones add up over them. */
const MOST_BOXES = 160;
/** Samples of the coarse image along a box, at least. */
const LEAST_SIDE = 3;
/** What is brighter than this many deviations counts as that: stars. */
const CLIP = 4;
/** Every so many boxes tell their median and scatter. */
const SAMPLED = 7;
/** Boxes on either side of one that its surroundings are told by, and their scatter. */
const AROUND = 4;
const AROUND_SCATTER = 8;
/** Times the mean deviation of the surroundings: one in ten of noise. */
const STANDS_OUT = 1.6;

/** Marked boxes; box (i, j) is centred on sample (x0 + (i + 0.5) side - 0.5, ...) of the coarse image. */
export interface LineMarks {
  readonly nx: number;
  readonly ny: number;
  readonly side: number;
  readonly x0: number;
  readonly y0: number;
  readonly count: number;
  readonly i: Int32Array;
  readonly j: Int32Array;
}

/** The boxes of a filtered frame that stand out. */
export function lineMarks({ memory, at, width, x0, x1, y0, y1 }: PlacedCoarse): LineMarks {
  const longer = Math.max(x1 - x0, y1 - y0);
  const side = Math.max(LEAST_SIDE, Math.ceil(longer / MOST_BOXES));
  const [nx, ny] = [Math.max(0, Math.floor((x1 - x0) / side)), Math.max(0, Math.floor((y1 - y0) / side))];
  const size = nx * ny;
  return memory.within(() => {
    const [boxes, columns, rows] = [0, 0, 0].map(() => memory.take(4 * size));
    const scratch = memory.take(12 * size + 8 * nx);
    memory.passes.addBoxes(at + 4 * (y0 * width + x0), width, nx, ny, side, boxes);
    const how = [SAMPLED, CLIP, AROUND, AROUND_SCATTER, STANDS_OUT, scratch, columns, rows] as const;
    const count = memory.passes.markBoxes(boxes, nx, ny, ...how);
    const [i, j] = [columns, rows].map((list) => new Int32Array(memory.buffer, list, count).slice());
    return { nx, ny, side, x0, y0, count, i, j };
  });
}

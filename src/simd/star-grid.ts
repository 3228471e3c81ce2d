// Memory of a table of stars in the passes: `assembly/plan/star-grid.ts` finds them again by where they are.
import type { SamplePasses } from './sample-passes.js';

export interface StarGridMemory {
  /** Address of the record that the passes take. */
  readonly at: number;
  /** Addresses of the stars' places, f64 `[room]` each. */
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** An empty table with room for so many stars, whatever stood in the memory before; no search goes farther than `reach`. */
export function starGrid(memory: SamplePasses, room: number, reach: number): StarGridMemory {
  const buckets = 2 ** Math.ceil(Math.log2(Math.max(64, 2 * room)));
  const [x, y, z] = [memory.take(8 * room), memory.take(8 * room), memory.take(8 * room)];
  const [next, head] = [memory.take(4 * room), memory.take(4 * buckets)];
  const [cell, at] = [memory.take(8), memory.take(36)];
  new Uint32Array(memory.buffer, head, buckets).fill(0);
  new Uint32Array(memory.buffer, at, 9).set([room, 0, buckets, x, y, z, next, head, cell]);
  new Float64Array(memory.buffer, cell, 1)[0] = 2 * reach;
  return { at, x, y, z };
}

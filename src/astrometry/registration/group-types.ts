// Frames that show the same stars, from pairs to groups; frames are numbers in one list.
import type { FieldMatch } from './judge-match.js';
import type { Parity, PlaneMap } from './plane-map.js';

/** Stars that two frames (numbers in the list of frames) share. */
export interface Overlap {
  readonly from: number;
  readonly to: number;
  readonly match: FieldMatch;
}

/** Members in the order in which they were reached, with their parity relative to the first. */
export interface Tree {
  readonly members: readonly number[];
  readonly parities: readonly Parity[];
}

/** Frames that hang together, each with its map to the pixels (from the middle) of the first. */
export interface FrameGroup {
  readonly members: readonly number[];
  readonly maps: readonly PlaneMap[];
}

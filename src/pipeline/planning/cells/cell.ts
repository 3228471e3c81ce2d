// A rectangle of the output grid that is integrated at one time.
import type { CellRect } from '../grid/pixel-map.js';

export interface Cell {
  readonly rect: CellRect;
  /** Indices of the frames that may touch the cell, ascending: the canonical order of combination. */
  readonly frames: Uint32Array;
}

// Strips of a block of the cell: how much a thread has in hand of every frame, where the stack does the warps (assembly/warp-cfa/warp-strips.ts).
import { BLOCK_SIZE } from '../../compute/constants.js';

/** Rows of the strip before that stay: the guard asks for them. */
const ROWS_BEFORE = 2;
/** A strip has no fewer rows. Each has the rows around it decoded anew: with 8 a warp takes a seventh longer than with whole blocks. */
export const LEAST_ROWS = 8;
/** What a thread may have in hand of all frames while strips can be made smaller. */
export const HAND_BYTES = 2 ** 24;

/** Rows in hand with strips of `stripRows` rows: whole blocks have none before. */
export const rowsInHand = (stripRows: number): number =>
  stripRows < BLOCK_SIZE ? stripRows + ROWS_BEFORE : stripRows;

/** Bytes of these of one frame and plane. */
export const stripBytes = (stripRows: number): number => 4 * BLOCK_SIZE * rowsInHand(stripRows);

/** Rows of the strips of a stack of so many frames: a power of two. */
export function stripRowsOf(slots: number, planes: number): number {
  let rows = BLOCK_SIZE;
  while (rows > LEAST_ROWS && slots * planes * stripBytes(rows) > HAND_BYTES) rows /= 2;
  return rows;
}

// Where a worker's scratch of the guard for few frames lies; its size stands in kernel-passes.ts. Planes of one block, rows of BLOCK_SIZE pixels whatever
// the block's width.
import { BLOCK_SIZE } from '../layout';

/** Bytes of a row and of a plane. */
export const ROW: usize = BLOCK_SIZE * 4;
const PLANE: usize = ROW * BLOCK_SIZE;

/** Median, sum of weights and number of the samples. */
export const MEDIAN: usize = 0;
export const WEIGHT: usize = PLANE;
export const USED: usize = 2 * PLANE;
/** How far a sample may be off by the slope of the median, infinite where none may go, and by the noise of the slot with the least. */
export const SLOPE: usize = 3 * PLANE;
export const NOISE: usize = 4 * PLANE;
export const GUARD_BYTES: usize = 5 * PLANE;

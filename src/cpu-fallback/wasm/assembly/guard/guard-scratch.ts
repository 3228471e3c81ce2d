// Where a worker's scratch of the guard for few frames lies; its size stands in kernel-passes.ts. Rows of one block, of BLOCK_SIZE pixels whatever its width: of
// each row five numbers of every pixel, one kind after the other.
import { BLOCK_SIZE } from '../layout';

const LINE: usize = BLOCK_SIZE * 4;

/** Median, sum of weights and number of the samples. */
export const MEDIAN: usize = 0;
export const WEIGHT: usize = LINE;
export const USED: usize = 2 * LINE;
/** How far a sample may be off by the slope of the median, infinite where none may go, and by the noise of the slot with the least. */
export const SLOPE: usize = 3 * LINE;
export const NOISE: usize = 4 * LINE;
/** Bytes from one row to the next. */
export const ROW: usize = 5 * LINE;

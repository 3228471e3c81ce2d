// Bands of rows in which results are lent.
import { BLOCK_SIZE } from '../../compute/constants.js';

/** Rows of a band of at least `pixels` pixels: whole blocks. */
export const bandRows = (width: number, pixels: number): number =>
  BLOCK_SIZE * Math.ceil(pixels / (BLOCK_SIZE * width));

// A pixel map read back on the host: where in the frame each pixel of a cell lies.
import { BLOCK_SIZE, MAP_STRIDE } from '../../../compute/constants.js';
import type { CellRect } from './pixel-map.js';

const HALF = BLOCK_SIZE / 2;
const CENTRE = (BLOCK_SIZE - 1) / 2;

/** Calls `visit` for every pixel `k` of the cell, `[height, width]`, with its position in the frame (0-based), as the warp contract has it, block by block. */
export function eachPosition(
  map: Float32Array,
  cell: Pick<CellRect, 'width' | 'height'>,
  visit: (k: number, x: number, y: number) => void,
): void {
  // of a block's columns the coefficients of v^0, v^1, v^2 in x and in y
  const rows = new Float64Array(6 * BLOCK_SIZE);
  for (let y0 = 0, at = 0; y0 < cell.height; y0 += BLOCK_SIZE) {
    const endY = Math.min(y0 + BLOCK_SIZE, cell.height);
    for (let x0 = 0; x0 < cell.width; x0 += BLOCK_SIZE, at += MAP_STRIDE) {
      const endX = Math.min(x0 + BLOCK_SIZE, cell.width);
      for (let column = 0, to = 0; column < endX - x0; column++) {
        const u = (column - CENTRE) / HALF;
        for (let c = at + 2; c < at + 20; c += 3) rows[to++] = map[c] + u * (map[c + 1] + u * map[c + 2]);
      }
      for (let y = y0; y < endY; y++) {
        const v = (y - y0 - CENTRE) / HALF;
        for (let x = x0, r = 0; x < endX; x++, r += 6) {
          const px = map[at] + (rows[r] + v * (rows[r + 1] + v * rows[r + 2]));
          const py = map[at + 1] + (rows[r + 3] + v * (rows[r + 4] + v * rows[r + 5]));
          visit(y * cell.width + x, px, py);
        }
      }
    }
  }
}

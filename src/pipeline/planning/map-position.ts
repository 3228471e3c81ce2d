// A pixel map read back on the host: where in the frame each pixel of a cell lies.
import { BLOCK_SIZE, MAP_STRIDE } from '../../compute/constants.js';
import type { CellRect } from './pixel-map.js';

/** Calls `visit` for every pixel `k` of the cell, `[height, width]`, with its position in the frame (0-based), as the warp contract has it. */
export function eachPosition(
  map: Float32Array,
  cell: Pick<CellRect, 'width' | 'height'>,
  visit: (k: number, x: number, y: number) => void,
): void {
  const blocksX = Math.ceil(cell.width / BLOCK_SIZE);
  const coordinate = (at: number, u: number, v: number): number => {
    const row = (j: number) => map[at + 3 * j] + u * (map[at + 3 * j + 1] + u * map[at + 3 * j + 2]);
    return row(0) + v * (row(1) + v * row(2));
  };
  for (let y = 0, k = 0; y < cell.height; y++) {
    const v = ((y % BLOCK_SIZE) - (BLOCK_SIZE - 1) / 2) / (BLOCK_SIZE / 2);
    for (let x = 0; x < cell.width; x++, k++) {
      const u = ((x % BLOCK_SIZE) - (BLOCK_SIZE - 1) / 2) / (BLOCK_SIZE / 2);
      const at = (Math.floor(y / BLOCK_SIZE) * blocksX + Math.floor(x / BLOCK_SIZE)) * MAP_STRIDE;
      visit(k, map[at] + coordinate(at + 2, u, v), map[at + 1] + coordinate(at + 11, u, v));
    }
  }
}

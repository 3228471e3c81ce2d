// A pixel map read back on the host: where in the frame each pixel of a cell lies.
import { BLOCK_SIZE, MAP_STRIDE } from '../../compute/constants.js';
import type { CellRect } from './pixel-map.js';

const HALF = BLOCK_SIZE / 2;
const CENTRE = (BLOCK_SIZE - 1) / 2;

/** Extreme positions of the pixels of a block or of one of its rows in the frame, 0-based; a pixel more at each side, for what bends between the corners. */
export interface PositionBounds {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/**
 * Calls `visit` for every pixel `k` of the cell, `[height, width]`, with its position in the frame (0-based), as the warp contract has it, block by block;
 * of the blocks, and of their rows, that `wants` refuses none.
 */
export function eachPosition(
  map: Float32Array,
  cell: Pick<CellRect, 'width' | 'height'>,
  visit: (k: number, x: number, y: number) => void,
  wants?: (bounds: PositionBounds) => boolean,
): void {
  // of a block's columns the coefficients of v^0, v^1, v^2 in x and in y
  const rows = new Float64Array(6 * BLOCK_SIZE);
  for (let y0 = 0, at = 0; y0 < cell.height; y0 += BLOCK_SIZE) {
    const endY = Math.min(y0 + BLOCK_SIZE, cell.height);
    for (let x0 = 0; x0 < cell.width; x0 += BLOCK_SIZE, at += MAP_STRIDE) {
      const endX = Math.min(x0 + BLOCK_SIZE, cell.width);
      if (wants && !wants(boundsOf(map, at))) continue;
      for (let column = 0, to = 0; column < endX - x0; column++) {
        const u = (column - CENTRE) / HALF;
        for (let c = at + 2; c < at + 20; c += 3) rows[to++] = map[c] + u * (map[c + 1] + u * map[c + 2]);
      }
      for (let y = y0; y < endY; y++) {
        const v = (y - y0 - CENTRE) / HALF;
        const xOf = (r: number) => map[at] + (rows[r] + v * (rows[r + 1] + v * rows[r + 2]));
        const yOf = (r: number) => map[at + 1] + (rows[r + 3] + v * (rows[r + 4] + v * rows[r + 5]));
        const last = 6 * (endX - x0 - 1);
        if (wants && !wants(between(xOf(0), xOf(last), yOf(0), yOf(last)))) continue;
        for (let x = x0, r = 0; x < endX; x++, r += 6) visit(y * cell.width + x, xOf(r), yOf(r));
      }
    }
  }
}

function between(x0: number, x1: number, y0: number, y1: number): PositionBounds {
  return {
    ...{ left: Math.min(x0, x1) - 1, right: Math.max(x0, x1) + 1 },
    ...{ top: Math.min(y0, y1) - 1, bottom: Math.max(y0, y1) + 1 },
  };
}

/** Of the corners of a block. */
function boundsOf(map: Float32Array, at: number): PositionBounds {
  const axis = (base: number, c: number): [number, number] => {
    const corners = [-1, 1].flatMap((u) => {
      const row = (j: number) => map[c + 3 * j] + u * (map[c + 3 * j + 1] + u * map[c + 3 * j + 2]);
      return [-1, 1].map((v) => base + row(0) + v * (row(1) + v * row(2)));
    });
    return [Math.min(...corners) - 1, Math.max(...corners) + 1];
  };
  const [left, right] = axis(map[at], at + 2);
  const [top, bottom] = axis(map[at + 1], at + 11);
  return { left, right, top, bottom };
}

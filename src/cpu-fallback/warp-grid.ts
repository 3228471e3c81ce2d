// What the warp twins share: where the pixels of a cell lie in the frame, and the levels there.
import { BLANK_LIMIT, BLANK_VALUE, BLOCK_SIZE, LEVEL_TERMS, MAP_STRIDE } from '../compute/constants.js';
import type { WARP_PARAMS } from '../compute/contracts/warp.js';
import type { ParamsOf } from '../compute/params.js';

type WarpParams = ParamsOf<typeof WARP_PARAMS>;

const HALF = BLOCK_SIZE / 2;
const CENTRE = (BLOCK_SIZE - 1) / 2;
const f = Math.fround;

/** Takes the cell pixel of index `out` at frame position (kx + fx, ky + fy), whole and fraction, and its normalised coordinates. */
export type PixelVisit = (
  out: number,
  kx: number,
  ky: number,
  fx: number,
  fy: number,
  levelX: number,
  levelY: number,
) => void;

/** Visits every pixel of the cell, block by block: `inside` those whose position lies in the frame, `outside` the others. */
export function forEachPosition(
  p: WarpParams,
  map: Float32Array,
  inside: PixelVisit,
  outside: (out: number) => void,
): void {
  const { cellWidth, cellHeight } = p;
  const columns = new Float32Array(6 * BLOCK_SIZE);
  for (let y0 = 0, block = 0; y0 < cellHeight; y0 += BLOCK_SIZE) {
    const endY = Math.min(y0 + BLOCK_SIZE, cellHeight);
    for (let x0 = 0; x0 < cellWidth; x0 += BLOCK_SIZE, block += MAP_STRIDE) {
      const endX = Math.min(x0 + BLOCK_SIZE, cellWidth);
      blockColumns(map, block + 2, columns);
      for (let y = y0; y < endY; y++) {
        const v = (y - y0 - CENTRE) / HALF;
        for (let x = x0, at = 0; x < endX; x++, at += 6) {
          const sumX = f(columns[at] + f(v * f(columns[at + 1] + f(v * columns[at + 2]))));
          const sumY = f(columns[at + 3] + f(v * f(columns[at + 4] + f(v * columns[at + 5]))));
          const floorX = Math.floor(sumX);
          const floorY = Math.floor(sumY);
          const fx = f(sumX - floorX);
          const fy = f(sumY - floorY);
          const kx = map[block] + floorX;
          const ky = map[block + 1] + floorY;
          const positionX = kx + fx;
          const positionY = ky + fy;
          if (
            positionX >= -0.5 &&
            positionX <= p.frameWidth - 0.5 &&
            positionY >= -0.5 &&
            positionY <= p.frameHeight - 0.5
          ) {
            const levelX = (positionX - p.centreX) * p.invScale;
            const levelY = (positionY - p.centreY) * p.invScale;
            // Integers for the engine too: an index computed in floating point is converted at every load.
            inside(y * cellWidth + x, kx | 0, ky | 0, fx, fy, levelX, levelY);
          } else {
            outside(y * cellWidth + x);
          }
        }
      }
    }
  }
}

/**
 * The inner polynomials r_0, r_1, r_2 of both axes for every column of a block, `columns[6*column + 3*axis + j]`; rounded after every operation,
 * as the contract says, so that floor() agrees between backends.
 */
function blockColumns(map: Float32Array, at: number, columns: Float32Array): void {
  for (let column = 0; column < BLOCK_SIZE; column++) {
    const u = (column - CENTRE) / HALF;
    for (let k = 0; k < 6; k++) {
      const c = at + 3 * k;
      columns[6 * column + k] = map[c] + f(u * f(map[c + 1] + f(u * map[c + 2])));
    }
  }
}

/** gain * (value - level) of plane `c` at normalised frame coordinates; blanks stay blank. */
export function levelled(levels: Float32Array, c: number, value: number, x: number, y: number): number {
  if (!(value > BLANK_LIMIT)) return BLANK_VALUE;
  const at = c * (1 + LEVEL_TERMS);
  const level =
    levels[at + 1] +
    x * (levels[at + 2] + x * levels[at + 4] + y * levels[at + 5]) +
    y * (levels[at + 3] + y * levels[at + 6]);
  return levels[at] * (value - level);
}

/** Frame position, not rounded, of the pixel (x, y) of the block whose map starts at `at`. */
export function framePosition(map: Float32Array, at: number, x: number, y: number): { x: number; y: number } {
  const u = (x - CENTRE) / HALF;
  const v = (y - CENTRE) / HALF;
  const sum = (c: number) => {
    const row = (k: number) => map[k] + u * (map[k + 1] + u * map[k + 2]);
    return row(c) + v * (row(c + 3) + v * row(c + 6));
  };
  return { x: map[at] + sum(at + 2), y: map[at + 1] + sum(at + 11) };
}

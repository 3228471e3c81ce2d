// Blocks of a mosaic that cells have written; no frame lies over the others, which hold the 0 of an array that was never written to.
import { BLOCK_SIZE } from '../../compute/constants.js';
import type { PlaneSource } from '../../output/sources/plane-source.js';
import type { CellRect } from '../planning/grid/pixel-map.js';

/** In a form that messages take. */
export interface WrittenBlocks {
  /** 1 for each block that is written, row by row. */
  readonly marks: Uint8Array;
  readonly columns: number;
  readonly areAll: boolean;
}

/** Cells are made of whole blocks and write no 0 whose weight is 0, in all planes alike, so that the first pixel of the first plane tells of a block. */
export async function writtenBlocks(mosaic: PlaneSource, weight: PlaneSource): Promise<WrittenBlocks> {
  const { nx, ny } = mosaic;
  const columns = Math.ceil(nx / BLOCK_SIZE);
  const marks = new Uint8Array(columns * Math.ceil(ny / BLOCK_SIZE));
  const [values, weights] = [new Float32Array(nx), new Float32Array(nx)];
  for (let y0 = 0, at = 0; y0 < ny; y0 += BLOCK_SIZE) {
    await mosaic.readRows(0, y0, 1, values);
    await weight.readRows(0, y0, 1, weights);
    for (let x0 = 0; x0 < nx; x0 += BLOCK_SIZE, at++) marks[at] = values[x0] !== 0 || weights[x0] > 0 ? 1 : 0;
  }
  return { marks, columns, areAll: !marks.includes(0) };
}

/** Makes NaN in `out`, a region `[height, width]`, what lies in blocks that nobody has written. */
export function blankUnwritten(
  { marks, columns, areAll }: WrittenBlocks,
  region: CellRect,
  out: Float32Array,
): void {
  if (areAll) return;
  const { x0, y0, width, height } = region;
  const [endX, endY] = [x0 + width, y0 + height];
  for (let y = y0; y < endY;) {
    const row = Math.floor(y / BLOCK_SIZE);
    const nextY = Math.min(endY, (row + 1) * BLOCK_SIZE);
    for (let x = x0; x < endX;) {
      const column = Math.floor(x / BLOCK_SIZE);
      const nextX = Math.min(endX, (column + 1) * BLOCK_SIZE);
      if (!marks[row * columns + column])
        for (let r = y - y0; r < nextY - y0; r++) out.fill(NaN, r * width + x - x0, r * width + nextX - x0);
      x = nextX;
    }
    y = nextY;
  }
}

// Blocks of a mosaic in memory that no cell has written, since no frame lies over them.
import { BLOCK_SIZE } from '../../compute/constants.js';
import type { Canvas } from './canvas.js';

/**
 * Makes them NaN, as cells make what has no sample, and returns the canvas as one that is whole; undefined where it does not lie in memory. Cells are made of whole blocks and
 * write no 0 whose weight is 0, so that its first pixel tells of a block.
 */
export function blankUnwritten(mosaic: Canvas, weight: Canvas): Canvas | undefined {
  const { nx, ny, planes } = mosaic;
  if (!mosaic.view || !weight.view) return undefined;
  for (let plane = 0; plane < planes; plane++) {
    const [values, weights] = [mosaic.view(plane), weight.view(plane)];
    for (let y0 = 0; y0 < ny; y0 += BLOCK_SIZE) {
      for (let x0 = 0; x0 < nx; x0 += BLOCK_SIZE) {
        const first = y0 * nx + x0;
        if (values[first] !== 0 || weights[first] > 0) continue;
        const width = Math.min(BLOCK_SIZE, nx - x0);
        const end = Math.min(ny, y0 + BLOCK_SIZE) * nx;
        for (let at = first; at < end; at += nx) values.fill(NaN, at, at + width);
      }
    }
  }
  return { ...mosaic, isWhole: true };
}

// Whether the biquadratic pixel map follows a frame's distortion closely enough, over the whole frame.
import { BLOCK_SIZE } from '../../../compute/constants.js';
import type { BlockSpans } from './block-spans.js';
import type { PlacedFrame } from './placed-frame.js';
import type { OutputGrid } from './output-grid.js';
import { pixelMap, pixelMapError } from './pixel-map.js';

/** Largest error of a pixel map, pixels of the frame, that no centroid can see. */
export const MAP_ERROR_LIMIT = 0.005;

/** Rows of blocks that are looked at, spread over the frame; in each the first, middle and last block: distortion grows towards edges. */
const ROWS = 6;

/** Largest error in pixels of a sample of the frame's maps; 0 for a frame without distortion, whose maps are smooth by nature. */
export function frameMapError(
  grid: OutputGrid,
  { record, wcs }: PlacedFrame,
  { firstRow, spans }: BlockSpans,
): number {
  if (!wcs.hasDistortion) return 0;
  const rows = spans.length / 2;
  const bounds = { nx: record.width, ny: record.height };
  let worst = 0;
  for (let k = 0; k < ROWS; k++) {
    const r = Math.round((k * (rows - 1)) / (ROWS - 1));
    const [from, to] = [spans[2 * r], spans[2 * r + 1]];
    if (from > to) continue;
    for (const block of new Set([from, (from + to) >> 1, to])) {
      const cell = {
        x0: block * BLOCK_SIZE,
        y0: (firstRow + r) * BLOCK_SIZE,
        width: BLOCK_SIZE,
        height: BLOCK_SIZE,
      };
      const map = pixelMap(grid, wcs, cell);
      worst = Math.max(worst, pixelMapError(grid, wcs, cell, map, bounds));
    }
  }
  return worst;
}

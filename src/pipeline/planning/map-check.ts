// Whether the biquadratic pixel map follows a frame's distortion closely enough, over the whole frame.
import { BLOCK_SIZE } from '../../compute/constants.js';
import type { BlockSpans } from './block-spans.js';
import type { PlacedFrame } from './mosaic-plan.js';
import type { OutputGrid } from './output-grid.js';
import { pixelMap, pixelMapError } from './pixel-map.js';

/** Largest error of a pixel map, pixels of the frame, that no centroid can see. */
export const MAP_ERROR_LIMIT = 0.005;

/** Largest error in pixels of the maps of a frame; 0 for a frame without distortion, whose maps are smooth by nature. */
export function frameMapError(
  grid: OutputGrid,
  { record, wcs }: PlacedFrame,
  { firstRow, spans }: BlockSpans,
): number {
  if (!wcs.hasDistortion) return 0;
  let worst = 0;
  for (let r = 0; r < spans.length / 2; r++) {
    const [from, to] = [spans[2 * r], spans[2 * r + 1]];
    if (from > to) continue;
    const cell = {
      x0: from * BLOCK_SIZE,
      y0: (firstRow + r) * BLOCK_SIZE,
      width: (to - from + 1) * BLOCK_SIZE,
      height: BLOCK_SIZE,
    };
    const map = pixelMap(grid, wcs, cell);
    worst = Math.max(worst, pixelMapError(grid, wcs, cell, map, { nx: record.width, ny: record.height }));
  }
  return worst;
}

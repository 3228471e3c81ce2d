// The part of a frame that goes into the mosaic: all of it, or without its edges (apply_master_tile_crop).
import type { RunConfig } from '../../../config/table.js';
import { windowWcs } from '../../../astrometry/wcs/window-wcs.js';
import type { GridFrame } from './output-grid.js';
import type { PlacedFrame } from './placed-frame.js';

/** Columns and rows left out at each side; even, so that what is left begins with the same colour of a Bayer pattern. */
export interface FrameEdges {
  readonly x: number;
  readonly y: number;
}

type EdgeSettings = Pick<RunConfig, 'apply_master_tile_crop' | 'master_tile_crop_percent'>;

export function frameEdges(nx: number, ny: number, config: EdgeSettings): FrameEdges {
  const share = config.apply_master_tile_crop ? config.master_tile_crop_percent / 100 : 0;
  const even = (side: number) => 2 * Math.floor((share * side) / 2);
  return { x: even(nx), y: even(ny) };
}

/** What is left of a frame, as an image of its own. */
export function frameExtent({ record, wcs }: PlacedFrame, config: EdgeSettings): GridFrame {
  const edges = frameEdges(record.width, record.height, config);
  const whole = { wcs, nx: record.width, ny: record.height };
  if (edges.x === 0 && edges.y === 0) return whole;
  const [width, height] = [record.width - 2 * edges.x, record.height - 2 * edges.y];
  return { wcs: windowWcs(wcs, { x0: edges.x, y0: edges.y, width, height }), nx: width, ny: height };
}

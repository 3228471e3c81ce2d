// How far a warp steps in a frame from one pixel of the grid to the next: beyond about one pixel, what lies between is left out.
import { footprint } from '../../../astrometry/wcs/footprint.js';
import { POINTS_PER_EDGE, type GridFrame, type OutputGrid } from './output-grid.js';

/** Largest step along the frame's outline in any direction, pixels of the frame: the larger singular value of the map's Jacobian. */
export function largestStep(grid: OutputGrid, { wcs, nx, ny }: GridFrame): number {
  let largest = 0;
  const frameAt = (x: number, y: number) => {
    const sky = grid.wcs.pixelToSky(x, y);
    return sky && wcs.skyToPixel(...sky);
  };
  for (const [ra, dec] of footprint(wcs, nx, ny, POINTS_PER_EDGE)) {
    const at = grid.wcs.skyToPixel(ra, dec);
    if (!at) continue;
    const [x, y] = at;
    const [left, right] = [frameAt(x - 0.5, y), frameAt(x + 0.5, y)];
    const [below, above] = [frameAt(x, y - 0.5), frameAt(x, y + 0.5)];
    if (!left || !right || !below || !above) continue;
    const [a, b] = [right[0] - left[0], above[0] - below[0]];
    const [c, d] = [right[1] - left[1], above[1] - below[1]];
    // of the matrix ((a, b), (c, d))
    largest = Math.max(largest, (Math.hypot(a + d, c - b) + Math.hypot(a - d, c + b)) / 2);
  }
  return largest;
}

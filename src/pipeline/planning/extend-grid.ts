// The grid of a mosaic that frames are added to: the same pixels of the same projection, more of them where frames reach beyond.
import { footprint } from '../../astrometry/wcs/footprint.js';
import { makePlaneGridWcs } from '../../astrometry/wcs/plane-grid-wcs.js';
import { BLOCK_SIZE } from '../../compute/constants.js';
import { CanvasError, type GridFrame, type OutputGrid } from './output-grid.js';

/** Points along each edge of a footprint, as for a new grid. */
const POINTS_PER_EDGE = 8;
/** A hundredth of a pixel too much is rounding, not sky. */
const ROUNDING = 0.01;

/**
 * `base` where it holds all frames, else a larger one, by whole blocks on its left and below, so that blocks stay blocks.
 * @throws CanvasError when a frame does not lie on the projection of the grid, or the canvas exceeds `maxMegapixels`.
 */
export function extendGrid(
  base: OutputGrid,
  frames: readonly GridFrame[],
  maxMegapixels: number,
): OutputGrid {
  let [x0, y0, x1, y1] = [-0.5, -0.5, base.nx - 0.5, base.ny - 0.5];
  for (const { wcs, nx, ny } of frames) {
    for (const [ra, dec] of footprint(wcs, nx, ny, POINTS_PER_EDGE)) {
      const at = base.wcs.skyToPixel(ra, dec);
      if (at === null)
        throw new CanvasError('pipeline_canvas_torn', { projection: base.wcs.describe().projection });
      x0 = Math.min(x0, at[0] - 1);
      y0 = Math.min(y0, at[1] - 1);
      x1 = Math.max(x1, at[0] - 1);
      y1 = Math.max(y1, at[1] - 1);
    }
  }
  const [left, below] = [blocksBelow(x0), blocksBelow(y0)];
  const [nx, ny] = [Math.ceil(x1 + 0.5 - ROUNDING) + left, Math.ceil(y1 + 0.5 - ROUNDING) + below];
  if (nx === base.nx && ny === base.ny) return base;
  if (nx * ny > maxMegapixels * 1e6) {
    throw new CanvasError('pipeline_canvas_too_large', {
      width: nx,
      height: ny,
      megapixels: Math.ceil((nx * ny) / 1e6),
      limit: maxMegapixels,
    });
  }
  const { projection, crval, crpix, cd } = base.wcs.describe();
  const wcs = makePlaneGridWcs({
    projection,
    crval,
    crpix: [crpix[0] + left, crpix[1] + below],
    cd,
    shape: [nx, ny],
  });
  return { ...base, nx, ny, wcs };
}

/** Pixel of the larger grid `grid` that the first pixel of `base` has become, 0-based. */
export function offsetOn(grid: OutputGrid, base: OutputGrid): readonly [number, number] {
  const [now, then] = [grid.wcs.describe().crpix, base.wcs.describe().crpix];
  return [Math.round(now[0] - then[0]), Math.round(now[1] - then[1])];
}

/** Pixels of the blocks that must be put before the first for position `x` to lie on one. */
function blocksBelow(x: number): number {
  const outside = -0.5 - x;
  return outside > ROUNDING ? Math.ceil(outside / BLOCK_SIZE) * BLOCK_SIZE : 0;
}

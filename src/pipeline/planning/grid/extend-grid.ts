// The grid of a mosaic that frames are added to: the same pixels of the same projection, more of them where frames reach beyond.
import { footprint } from '../../../astrometry/wcs/footprint.js';
import { makePlaneGridWcs } from '../../../astrometry/wcs/plane-grid-wcs.js';
import { BLOCK_SIZE } from '../../../compute/constants.js';
import { showsWhole } from './grid-projection.js';
import { CanvasError, ROUNDING, type GridFrame, type OutputGrid } from './output-grid.js';

/** Points along each edge of a footprint, as for a new grid. */
const POINTS_PER_EDGE = 8;

/** A part of the plane of a grid, outer edges, 0-based. */
type Box = readonly [x0: number, y0: number, x1: number, y1: number];

/**
 * `base` where it holds all frames, else a larger one, by whole blocks on its left and below, so that blocks stay blocks.
 * @throws CanvasError when a frame does not lie on the projection of the grid, or the canvas exceeds `maxMegapixels`.
 */
export function extendGrid(
  base: OutputGrid,
  frames: readonly GridFrame[],
  maxMegapixels: number,
): OutputGrid {
  let box = boxOf(base);
  for (const frame of frames) {
    const reach = reachOf(base, frame);
    if (reach === null)
      throw new CanvasError('pipeline_canvas_torn', { projection: base.wcs.describe().projection });
    box = union(box, reach);
  }
  const { left, below, nx, ny } = shapeOf(box, base.binning);
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
  return { ...base, nx, ny, wcs, centre: wcs.pixelToSky((nx + 1) / 2, (ny + 1) / 2) ?? base.centre };
}

/**
 * Frames that the grid cannot be extended to, by their index: because its projection would tear them or does not reach them, or without exceeding
 * `maxMegapixels`. Nearer ones come first, what they have taken is gone.
 */
export function beyondGrid(
  base: OutputGrid,
  frames: readonly GridFrame[],
  maxMegapixels: number,
): ReadonlyMap<number, 'projection' | 'size'> {
  const beyond = new Map<number, 'projection' | 'size'>();
  let box = boxOf(base);
  const reaches = frames.map((frame) => reachOf(base, frame));
  const size = (reach: Box) => {
    const { nx, ny } = shapeOf(union(boxOf(base), reach));
    return nx * ny;
  };
  const order = [...frames.keys()].sort((a, b) => {
    const [first, second] = [reaches[a], reaches[b]];
    return first && second ? size(first) - size(second) || a - b : a - b;
  });
  for (const f of order) {
    const reach = reaches[f];
    const larger = reach && union(box, reach);
    const shape = larger && shapeOf(larger);
    // a limit below what stands already keeps nothing out that lies within it
    const fits =
      shape && (shape.nx * shape.ny <= maxMegapixels * 1e6 || (shape.nx === base.nx && shape.ny === base.ny));
    if (larger && fits) box = larger;
    else beyond.set(f, reach ? 'size' : 'projection');
  }
  return beyond;
}

const boxOf = ({ nx, ny }: OutputGrid): Box => [-0.5, -0.5, nx - 0.5, ny - 0.5];

const union = (a: Box, b: Box): Box => [
  Math.min(a[0], b[0]),
  Math.min(a[1], b[1]),
  Math.max(a[2], b[2]),
  Math.max(a[3], b[3]),
];

/** The part of the grid's plane that a frame covers; null where it does not lie on its projection, or is torn by it. */
function reachOf({ wcs: grid }: OutputGrid, { wcs, nx, ny }: GridFrame): Box | null {
  let box: Box = [Infinity, Infinity, -Infinity, -Infinity];
  const outline = footprint(wcs, nx, ny, POINTS_PER_EDGE);
  if (!showsWhole(grid, outline)) return null;
  for (const [ra, dec] of outline) {
    const at = grid.skyToPixel(ra, dec);
    if (at === null) return null;
    const [x, y] = [at[0] - 1, at[1] - 1];
    box = union(box, [x, y, x, y]);
  }
  return box;
}

/** Pixels of the blocks put before the first of the grid, and of the grid that holds a box, of whole bins. */
function shapeOf([x0, y0, x1, y1]: Box, binning = 1) {
  const [left, below] = [blocksBelow(x0), blocksBelow(y0)];
  const wholeBins = (pixels: number) => Math.ceil(pixels / binning) * binning;
  return {
    left,
    below,
    nx: wholeBins(Math.ceil(x1 + 0.5 - ROUNDING) + left),
    ny: wholeBins(Math.ceil(y1 + 0.5 - ROUNDING) + below),
  };
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

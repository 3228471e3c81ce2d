// Which tiles a mosaic needs: how deep they go, and which of them show some of it.
import { cellOfUnit, cellSideArcsec } from '../../astrometry/healpix/cells.js';
import type { CelestialWcs } from '../../astrometry/wcs/celestial-wcs.js';

/** Pixels of a tile along a side: 2^9. */
export const TILE_ORDER = 9;
export const TILE_SIDE = 2 ** TILE_ORDER;
/** Every tree has tiles of this order (IVOA HiPS 1.0, section 4.1): it is what viewers begin with. */
export const FIRST_ORDER = 3;
/** Mosaic pixels between the points at which its inside is looked at: tiles are wider. */
const INSIDE_STEP = 128;

/** The order of the finest tiles: their pixels are at most as large as the mosaic's, but for a twentieth. */
export function deepestOrder(scaleArcsec: number): number {
  let order = FIRST_ORDER;
  while (cellSideArcsec(order + TILE_ORDER) > 1.05 * scaleArcsec) order++;
  return order;
}

/** Numbers of the tiles of `order` that hold some of an image, ascending. */
export function tilesOf(wcs: CelestialWcs, nx: number, ny: number, order: number): number[] {
  const tiles = new Set<number>();
  const v = new Float64Array(3);
  const look = (x: number, y: number) => {
    if (wcs.pixelToUnit(x, y, v)) tiles.add(cellOfUnit(order, v[0], v[1], v[2]));
  };
  for (let x = 1; x <= nx; x++) {
    look(x, 1);
    look(x, ny);
  }
  for (let y = 1; y <= ny; y++) {
    look(1, y);
    look(nx, y);
  }
  for (let y = 1; y <= ny; y += INSIDE_STEP) for (let x = 1; x <= nx; x += INSIDE_STEP) look(x, y);
  return [...tiles].sort((a, b) => a - b);
}

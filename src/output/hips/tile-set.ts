// Which tiles a mosaic needs: how deep they go, and which of them show some of it.
import { cellOfUnit, cellPlace, cellSideArcsec, placeToUnit } from '../../astrometry/healpix/cells.js';
import type { CelestialWcs } from '../../astrometry/wcs/celestial-wcs.js';

/** A tile has the cells this many orders deeper as its pixels. */
export const TILE_ORDER = 9;
/** Pixels of a tile along a side. */
export const TILE_SIDE = 2 ** TILE_ORDER;
/** Every tree has tiles of this order (IVOA HiPS 1.0, section 4.1): it is what viewers begin with. */
export const FIRST_ORDER = 3;
/** Mosaic pixels between the points at which its inside is looked at. */
const INSIDE_STEP = 128;
/** Parts of a tile's side between the points at which it is looked at. */
const LATTICE = 16;

/** The order of the finest tiles: their pixels are at most as large as the mosaic's, but for a twentieth. */
export function deepestOrder(scaleArcsec: number): number {
  let order = FIRST_ORDER;
  while (cellSideArcsec(order + TILE_ORDER) > 1.05 * scaleArcsec) order++;
  return order;
}

/**
 * Numbers of the tiles of `order` that hold some of an image, ascending. Looked for from both sides: which tile the pixels of its border, and some inside, lie in; and
 * which tiles show some of the image at one of the points of a lattice on them, from the coarsest tiles down. The first finds what is smaller than a tile, the second
 * tiles that are small in the image: those of coarse maps, and far from the middle of wide ones.
 */
export function tilesOf(wcs: CelestialWcs, nx: number, ny: number, order: number): number[] {
  const seen = seenFrom(wcs, nx, ny, order);
  const onWay = new Map<number, Set<number>>([[order, seen]]);
  for (let o = order - 1; o >= FIRST_ORDER; o--)
    onWay.set(o, new Set([...onWay.get(o + 1)!].map((number) => Math.floor(number / 4))));
  let candidates = Array.from({ length: 12 * 4 ** FIRST_ORDER }, (_, number) => number);
  for (let o = FIRST_ORDER; ; o++) {
    const found = candidates.filter((number) => onWay.get(o)!.has(number) || shows(wcs, nx, ny, o, number));
    if (o === order) return found;
    candidates = found.flatMap((number) => [0, 1, 2, 3].map((quadrant) => 4 * number + quadrant));
  }
}

/** The tiles that hold a pixel of the border, or one of some inside. */
function seenFrom(wcs: CelestialWcs, nx: number, ny: number, order: number): Set<number> {
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
  return tiles;
}

/** Whether a point of the lattice on a tile lies in the image. */
function shows(wcs: CelestialWcs, nx: number, ny: number, order: number, number: number): boolean {
  const { face, ix, iy } = cellPlace(order, number);
  const v = new Float64Array(3);
  for (let j = 0; j <= LATTICE; j++) {
    for (let i = 0; i <= LATTICE; i++) {
      placeToUnit(face, ix + i / LATTICE, iy + j / LATTICE, 2 ** order, v);
      if (!wcs.unitToPixel(v[0], v[1], v[2], v)) continue;
      if (v[0] >= 0.5 && v[1] >= 0.5 && v[0] <= nx + 0.5 && v[1] <= ny + 0.5) return true;
    }
  }
  return false;
}

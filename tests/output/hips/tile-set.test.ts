// No tile that shows some of a mosaic is forgotten, however small tiles are in it.
import { describe, expect, it } from 'vitest';
import { cellOfUnit } from '../../../src/astrometry/healpix/cells.js';
import { makePlaneGridWcs } from '../../../src/astrometry/wcs/plane-grid-wcs.js';
import { deepestOrder, tilesOf } from '../../../src/output/hips/tile-set.js';

interface Map {
  readonly projection: string;
  readonly scaleDeg: number;
  readonly size: readonly [number, number];
  /** Of the reference point, and where it lies above the middle of the map, pixels. */
  readonly crval?: readonly [number, number];
  readonly below?: number;
}

function wcsOf({ projection, scaleDeg, size: [nx, ny], crval = [0, 0], below = 0 }: Map) {
  return makePlaneGridWcs({
    projection,
    crval,
    crpix: [(nx + 1) / 2, (ny + 1) / 2 - below],
    cd: [-scaleDeg, 0, 0, scaleDeg],
    shape: [nx, ny],
  });
}

/** By every pixel. */
function tilesByPixels(wcs: ReturnType<typeof wcsOf>, [nx, ny]: readonly [number, number], order: number) {
  const tiles = new Set<number>();
  const v = new Float64Array(3);
  for (let y = 1; y <= ny; y++)
    for (let x = 1; x <= nx; x++)
      if (wcs.pixelToUnit(x, y, v)) tiles.add(cellOfUnit(order, v[0], v[1], v[2]));
  return [...tiles].sort((a, b) => a - b);
}

describe.each<[string, Map]>([
  ['the whole sky, coarse', { projection: 'AIT', scaleDeg: 0.3, size: [1100, 560] }],
  ['the whole sky, rows of equal area', { projection: 'CEA', scaleDeg: 0.3, size: [1200, 382] }],
  ['half the sky about a pole', { projection: 'ZEA', scaleDeg: 0.25, size: [700, 700], crval: [40, 90] }],
  // at this declination parallels are a sixth as far apart as on the equator
  ['a strip near a pole, flattened', { projection: 'CEA', scaleDeg: 0.012, size: [1500, 60], below: 4680 }],
  ['less than a tile', { projection: 'TAN', scaleDeg: 0.0007, size: [40, 30], crval: [83, 22] }],
])('tiles of %s', (_, map) => {
  it('are all that hold a pixel of it', () => {
    const wcs = wcsOf(map);
    const order = deepestOrder(map.scaleDeg * 3600);
    const expected = tilesByPixels(wcs, map.size, order);
    expect(expected.length).toBeGreaterThan(0);
    const found = new Set(tilesOf(wcs, ...map.size, order));
    expect(expected.filter((number) => !found.has(number))).toEqual([]);
    // those that only touch its edge may be there too, and stay empty
    expect(found.size).toBeLessThan(1.3 * expected.length + 4);
  });
});

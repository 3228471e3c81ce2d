// What the weight of a frame has fallen to at each pixel of a cell, on the host: the table of coadd-radial, looked up where the pixel came from.
import { RADIAL_TABLE_SIZE, radialTable, type RadialShape } from '../../compute/contracts/coadd-radial.js';
import { eachPosition } from '../planning/grid/map-position.js';
import type { CellRect } from '../planning/grid/pixel-map.js';
import { halfDiagonal, type FramePlace } from './programs/radial-program.js';

/** `[height, width]`, from the shape's floor up to 1. */
export function radialFactors(
  { map, nx, ny }: FramePlace,
  cell: Pick<CellRect, 'width' | 'height'>,
  shape: RadialShape,
): Float32Array {
  const table = radialTable(shape);
  const radius = halfDiagonal(nx, ny);
  const out = new Float32Array(cell.width * cell.height);
  eachPosition(map, cell, (k, x, y) => {
    const distance = Math.hypot(x - (nx - 1) / 2, y - (ny - 1) / 2);
    const place = Math.min(1, distance / radius) * RADIAL_TABLE_SIZE;
    const entry = Math.floor(place);
    out[k] = table[entry] + (place - entry) * (table[entry + 1] - table[entry]);
  });
  return out;
}

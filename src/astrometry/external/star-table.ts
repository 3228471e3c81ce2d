// A star list as the FITS table that astrometry.net's programs call an xylist.
import { addToSum } from '../../fits/checksum.js';
import { paddedLength } from '../../fits/read-header.js';
import { headerBytes } from '../../fits/write/write-header.js';
import type { SolveImage } from '../solver/solve-types.js';
import { MAX_DRAWN_STARS } from './star-field-image.js';

const ROW_BYTES = 12;

/** Columns X, Y (FITS pixel coordinates) and FLUX, which falls from star to star and means nothing else. */
export function starTable({ width, height, stars }: SolveImage): Uint8Array {
  const count = Math.min(stars.count, MAX_DRAWN_STARS);
  const data = Buffer.alloc(paddedLength(ROW_BYTES * count));
  for (let s = 0; s < count; s++) {
    data.writeFloatBE(stars.x[s], ROW_BYTES * s);
    data.writeFloatBE(stars.y[s], ROW_BYTES * s + 4);
    data.writeFloatBE(count - s, ROW_BYTES * s + 8);
  }
  const primary = [
    { key: 'SIMPLE', value: true },
    { key: 'BITPIX', value: 8 },
    { key: 'NAXIS', value: 0 },
    { key: 'EXTEND', value: true },
  ];
  const columns = ['X', 'Y', 'FLUX'].flatMap((name, i) => [
    { key: `TTYPE${i + 1}`, value: name },
    { key: `TFORM${i + 1}`, value: 'E' },
  ]);
  const table = [
    { key: 'XTENSION', value: 'BINTABLE' },
    { key: 'BITPIX', value: 8 },
    { key: 'NAXIS', value: 2 },
    { key: 'NAXIS1', value: ROW_BYTES },
    { key: 'NAXIS2', value: count },
    { key: 'PCOUNT', value: 0 },
    { key: 'GCOUNT', value: 1 },
    { key: 'TFIELDS', value: 3 },
    ...columns,
    { key: 'IMAGEW', value: width },
    { key: 'IMAGEH', value: height },
  ];
  return Buffer.concat([headerBytes(primary, 0), headerBytes(table, addToSum(0, data)), data]);
}

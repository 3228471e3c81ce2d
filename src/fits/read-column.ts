// Numeric columns of binary tables, as far as lookup-table coordinates need them (FITS 4.0, section 7.3).
import { FitsError } from './fits-error.js';
import type { FitsFile, FitsHdu } from './hdu.js';
import { parseTableLayout } from './table-layout.js';

/** Above this a column is not a lookup table: refused before it is allocated. */
const MAX_COLUMN_BYTES = 256 * 1024 * 1024;

/**
 * A numeric column of fixed width (B I J K E D) as float64, row after row, TSCAL/TZERO applied.
 * `values` has rows x repeat entries; `shape` is that of one row. Column names ignore case.
 * Throws `fits_no_column`, `fits_column_not_numeric`, `fits_column_too_large`, or the HDU's own problem.
 */
export async function readNumericColumn(
  file: FitsFile,
  hdu: FitsHdu,
  name: string,
): Promise<{ values: Float64Array; shape: readonly number[]; rows: number }> {
  const where = { file: file.source.name, hdu: hdu.index };
  if (hdu.problem) throw hdu.problem;
  if (hdu.kind !== 'bintable') throw new FitsError('fits_no_column', { ...where, column: name });
  const table = parseTableLayout(hdu.header, file.source.name, hdu.index);
  const column = table.columns.find((each) => each.name.toUpperCase() === name.trim().toUpperCase());
  if (!column) throw new FitsError('fits_no_column', { ...where, column: name });
  const read = NUMERIC[column.type];
  if (!read) throw new FitsError('fits_column_not_numeric', { ...where, column: name, type: column.type });
  const total = column.repeat * table.rows;
  if (total * 8 > MAX_COLUMN_BYTES || table.rows * table.rowBytes > MAX_COLUMN_BYTES) {
    throw new FitsError('fits_column_too_large', { ...where, column: name, limitBytes: MAX_COLUMN_BYTES });
  }
  const bytes = await file.source.getBytes(hdu.dataOffset, table.rows * table.rowBytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const width = column.bytes / column.repeat;
  const values = new Float64Array(total);
  for (let row = 0, at = 0; row < table.rows; row++) {
    const start = row * table.rowBytes + column.offset;
    for (let i = 0; i < column.repeat; i++) {
      values[at++] = read(view, start + i * width) * column.scale + column.zero;
    }
  }
  return { values, shape: column.shape, rows: table.rows };
}

const NUMERIC: Readonly<Record<string, ((view: DataView, at: number) => number) | undefined>> = {
  B: (view, at) => view.getUint8(at),
  I: (view, at) => view.getInt16(at),
  J: (view, at) => view.getInt32(at),
  K: (view, at) => Number(view.getBigInt64(at)),
  E: (view, at) => view.getFloat32(at),
  D: (view, at) => view.getFloat64(at),
};

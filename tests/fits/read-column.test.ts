// Numeric columns of binary tables.
import { describe, expect, it } from 'vitest';
import { memorySource } from '../../src/fits/byte-source.js';
import { openFits } from '../../src/fits/open-fits.js';
import { readNumericColumn } from '../../src/fits/read-column.js';
import { card, codeOf, hduBytes, headerBlock } from './support.js';

// Two rows of: 2 int16 (TSCAL 0.5, TZERO 1), 4 float64 (TDIM 2,2), an 8-bit, an int64, 3 characters.
const rowBytes = 4 + 32 + 1 + 8 + 3;
const data = new DataView(new ArrayBuffer(2 * rowBytes));
for (const row of [0, 1]) {
  const at = row * rowBytes;
  data.setInt16(at, 10 + row);
  data.setInt16(at + 2, -4);
  for (let i = 0; i < 4; i++) data.setFloat64(at + 4 + 8 * i, row + i / 8);
  data.setUint8(at + 36, 200 + row);
  data.setBigInt64(at + 37, -9007199254740991n);
}
const tableBytes = (extra: string[] = []) =>
  Buffer.concat([
    headerBlock([card('SIMPLE', 'T'), card('BITPIX', 8), card('NAXIS', 0)]),
    hduBytes(
      [
        "XTENSION= 'BINTABLE'",
        card('BITPIX', 8),
        card('NAXIS', 2),
        card('NAXIS1', rowBytes),
        card('NAXIS2', 2),
        card('PCOUNT', 0),
        card('GCOUNT', 1),
        card('TFIELDS', 5),
        ...extra,
        "TTYPE1  = 'Short'",
        "TFORM1  = '2I'",
        'TSCAL1  = 0.5',
        'TZERO1  = 1',
        "TTYPE2  = 'INDEX'",
        "TFORM2  = '4D'",
        "TDIM2   = '(2,2)'",
        "TTYPE3  = 'BYTE'",
        "TFORM3  = 'B'",
        "TTYPE4  = 'LONG'",
        "TFORM4  = '1K'",
        "TTYPE5  = 'TEXT'",
        "TFORM5  = '3A'",
      ],
      new Uint8Array(data.buffer),
    ),
  ]);
const open = async (bytes = tableBytes()) => openFits(memorySource('table.fits', bytes));

describe('numeric columns', () => {
  it.each([
    ['SHORT', [6, -1, 6.5, -1], [2]],
    ['index', [0, 0.125, 0.25, 0.375, 1, 1.125, 1.25, 1.375], [2, 2]],
    ['BYTE', [200, 201], [1]],
    ['LONG', [-9007199254740991, -9007199254740991], [1]],
  ])('%s', async (name, values, shape) => {
    const file = await open();
    const column = await readNumericColumn(file, file.hdus[1], name);
    expect([...column.values]).toEqual(values);
    expect(column.shape).toEqual(shape);
    expect(column.rows).toBe(2);
  });

  it('refuses what is not there or not a number', async () => {
    const file = await open();
    expect(await codeOf(readNumericColumn(file, file.hdus[1], 'NONE'))).toBe('fits_no_column');
    expect(await codeOf(readNumericColumn(file, file.hdus[1], 'TEXT'))).toBe('fits_column_not_numeric');
    expect(await codeOf(readNumericColumn(file, file.hdus[0], 'TEXT'))).toBe('fits_no_column');
  });

  it('refuses a table whose columns do not fit its rows', async () => {
    const file = await open(tableBytes(["TFORM1  = '900I'"]));
    expect(await codeOf(readNumericColumn(file, file.hdus[1], 'BYTE'))).toBe('fits_bad_keyword');
  });
});

// Headers that promise what is not there: refused with a code, before anything large is allocated.
import { describe, expect, it } from 'vitest';
import { memorySource } from '../../src/fits/byte-source.js';
import { firstImageHdu, openFits } from '../../src/fits/open-fits.js';
import { readWindow } from '../../src/fits/read/read-window.js';
import { card, codeOf, countingSource, hduBytes, headerBlock, primary } from './support.js';

const image = (naxis: number, ...axes: (string | number)[]) =>
  headerBlock([
    card('SIMPLE', 'T'),
    card('BITPIX', 16),
    card('NAXIS', naxis),
    ...axes.map((axis, i) => card(`NAXIS${i + 1}`, axis)),
  ]);

const use = async (bytes: Uint8Array) => {
  const file = await openFits(memorySource('lie.fits', bytes));
  return readWindow(file, firstImageHdu(file), { x0: 0, y0: 0, width: 2, height: 2 });
};

describe('plain files', () => {
  it.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(0), 'fits_empty_file'],
    ['text', Buffer.from('hello'), 'fits_not_fits'],
    ['gzip', Uint8Array.of(0x1f, 0x8b, 8, 0), 'fits_compressed_file'],
    ['bzip2', Buffer.from('BZh91AY&SY'), 'fits_compressed_file'],
    ['compress', Uint8Array.of(0x1f, 0x9d, 0x90), 'fits_compressed_file'],
    ['no END', Buffer.from(card('SIMPLE', 'T').padEnd(2880)), 'fits_header_unended'],
    ['no BITPIX', headerBlock([card('SIMPLE', 'T'), card('NAXIS', 0)]), 'fits_missing_keyword'],
    ['NAXIS 1000', image(1000), 'fits_bad_keyword'],
    ['NAXIS -1', image(-1), 'fits_bad_keyword'],
    ['axis -5', image(2, 10, -5), 'fits_bad_keyword'],
    ['axis 1.5', image(2, 10, 1.5), 'fits_bad_keyword'],
    ['axis text', image(2, 10, "'ten'"), 'fits_bad_keyword'],
    ['axes beyond counting', image(3, 1e9, 1e9, 1e9), 'fits_bad_keyword'],
    ['axes beyond the disk', image(2, 1e6, 1e6), 'fits_data_truncated'],
    [
      'one byte short',
      primary(16, [2, 1440], new Uint8Array(5760)).subarray(0, 2880 + 5759),
      'fits_data_truncated',
    ],
  ])('%s', async (_name, bytes, code) => {
    expect(await codeOf(use(bytes))).toBe(code);
  });

  it('padding alone may be missing', async () => {
    expect([...(await use(primary(16, [2, 2], new Uint8Array(8)).subarray(0, 2888)))]).toEqual([0, 0, 0, 0]);
  });

  it('a file without END is not read to its end', async () => {
    const source = countingSource(Buffer.from('SIMPLE  =                    T'.padEnd(40 * 1024 * 1024)));
    expect(await codeOf(openFits(source))).toBe('fits_header_unended');
    expect(source.reads.reduce((sum, { length }) => sum + length, 0)).toBeLessThan(17 * 1024 * 1024);
  });
});

// 360 cards are read at a time
it.each([358, 359, 360, 361, 1000])('a header of %i cards and END is read whole', async (cards) => {
  const axes = [card('SIMPLE', 'T'), card('BITPIX', 8), card('NAXIS', 1), card('NAXIS1', 3)];
  const more = Array.from({ length: cards - axes.length }, (_, i) => card(`K${i}`, i));
  const bytes = Buffer.concat([headerBlock([...axes, ...more]), Buffer.alloc(2880)]);
  const [hdu] = (await openFits(memorySource('long.fits', bytes))).hdus;
  expect(hdu.dataOffset).toBe(bytes.length - 2880);
  expect(more.map((_, i) => hdu.header.get(`K${i}`))).toEqual(more.map((_, i) => i));
});

describe('compressed images', () => {
  const table = (changes: Record<string, string | number>, data: Uint8Array) => {
    const values: Record<string, string | number> = {
      BITPIX: 8,
      NAXIS: 2,
      NAXIS1: 8,
      NAXIS2: 2,
      PCOUNT: data.length - 16,
      GCOUNT: 1,
      TFIELDS: 1,
      TTYPE1: "'COMPRESSED_DATA'",
      TFORM1: "'1PB(8)'",
      ZIMAGE: 'T',
      ZCMPTYPE: "'RICE_1'",
      ZBITPIX: 16,
      ZNAXIS: 2,
      ZNAXIS1: 2,
      ZNAXIS2: 2,
      ...changes,
    };
    return Buffer.concat([
      headerBlock([card('SIMPLE', 'T'), card('BITPIX', 8), card('NAXIS', 0)]),
      hduBytes(
        ["XTENSION= 'BINTABLE'", ...Object.entries(values).map(([key, value]) => card(key, value))],
        data,
      ),
    ]);
  };
  const data = Uint8Array.from([0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 1, 2, 3, 4]);

  it.each<[string, Record<string, string | number>, string]>([
    ['unknown codec', { ZCMPTYPE: "'ZIPPY'" }, 'fits_unknown_compression'],
    ['unknown dither', { ZQUANTIZ: "'RANDOM'" }, 'fits_unknown_compression'],
    ['more tiles than rows', { ZNAXIS2: 3 }, 'fits_bad_keyword'],
    ['a tile of 10^12 pixels', { ZNAXIS1: 1e12 }, 'fits_bad_keyword'],
    [
      'a big tile from few bytes',
      { ZNAXIS1: 100000000, ZVAL1: 4096, ZNAME1: "'BLOCKSIZE'" },
      'fits_tile_corrupt',
    ],
    ['block size 0', { ZNAME1: "'BLOCKSIZE'", ZVAL1: 0 }, 'fits_bad_keyword'],
    ['pixel width 3', { ZNAME1: "'BYTEPIX'", ZVAL1: 3 }, 'fits_bad_keyword'],
    ['tile size 0', { ZTILE1: 0 }, 'fits_bad_keyword'],
    ['columns wider than the row', { TFORM1: "'9PB(8)'" }, 'fits_bad_keyword'],
    ['no compressed column', { TTYPE1: "'OTHER'" }, 'fits_bad_keyword'],
    ['a heap beyond the file', { PCOUNT: 1e9 }, 'fits_data_truncated'],
    ['a gzip tile of noise', { ZCMPTYPE: "'GZIP_1'" }, 'fits_tile_corrupt'],
    ['an hcompress tile of noise', { ZCMPTYPE: "'HCOMPRESS_1'" }, 'fits_tile_corrupt'],
    ['heap before the table', { THEAP: -5 }, 'fits_bad_keyword'],
  ])('%s', async (_name, changes, code) => {
    expect(await codeOf(use(table(changes, data)))).toBe(code);
  });

  it('an unknown codec spoils its own HDU only', async () => {
    const bytes = table({ ZCMPTYPE: "'ZIPPY'" }, data);
    const good = primary(16, [1, 2], Uint8Array.of(0, 4, 0, 9));
    const file = await openFits(memorySource('half.fits', Buffer.concat([good, bytes.subarray(2880)])));
    expect(file.hdus.map(({ problem }) => problem?.code)).toEqual([undefined, 'fits_unknown_compression']);
    const window = { x0: 0, y0: 0, width: 2, height: 1 };
    expect([...(await readWindow(file, firstImageHdu(file), window))]).toEqual([4, 9]);
    expect(await codeOf(readWindow(file, file.hdus[1], window))).toBe('fits_unknown_compression');
  });
});

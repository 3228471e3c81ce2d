// How a tile-compressed image lies in its binary table (FITS 4.0, section 10.1), checked before anything is read.
import { FitsError } from '../fits-error.js';
import type { Dither } from '../codecs/dither.js';
import type { FitsHeader } from '../header.js';
import type { Bitpix } from '../bitpix.js';
import { elementBytes, parseTableLayout, type TableColumn } from './table-layout.js';

export type TileCodec = 'RICE_1' | 'GZIP_1' | 'GZIP_2' | 'HCOMPRESS_1' | 'PLIO_1' | 'NOCOMPRESS';

/** A heap array: where its descriptor stands in a row, and how wide descriptor words and elements are. */
export interface HeapColumn {
  readonly offset: number;
  readonly wide: boolean;
  readonly elementBytes: number;
}

export interface TileLayout {
  readonly codec: TileCodec;
  readonly bitpix: Bitpix;
  /** Image and tile shapes, slowest axis first. */
  readonly shape: readonly number[];
  readonly tileShape: readonly number[];
  readonly tilesPerAxis: readonly number[];
  readonly rowBytes: number;
  readonly rows: number;
  readonly heapOffset: number;
  /** Bytes of table and heap together. */
  readonly dataBytes: number;
  readonly compressed?: HeapColumn;
  readonly gzipFallback?: HeapColumn;
  readonly rawFallback?: HeapColumn;
  /** A column with a value for each tile, or the keyword's constant; no scale means not quantised. */
  readonly scale?: { readonly column?: TableColumn; readonly value?: number };
  readonly zero?: { readonly column?: TableColumn; readonly value?: number };
  readonly blank?: { readonly column?: TableColumn; readonly value?: number };
  readonly dither: Dither;
  /** ZDITHER0, 1..10000. */
  readonly ditherSeed: number;
  readonly riceBlockSize: number;
  readonly riceBytePix: 1 | 2 | 4;
  readonly smooth: boolean;
  /** Taken from every pixel that PLIO_1 gives: it holds no negatives, so cfitsio stores unsigned 16-bit as they are. */
  readonly plioOffset: number;
}

const CODECS: Readonly<Record<string, TileCodec>> = {
  RICE_1: 'RICE_1',
  RICE_ONE: 'RICE_1',
  GZIP_1: 'GZIP_1',
  GZIP_2: 'GZIP_2',
  HCOMPRESS_1: 'HCOMPRESS_1',
  PLIO_1: 'PLIO_1',
  NOCOMPRESS: 'NOCOMPRESS',
};

const DITHERS: Readonly<Record<string, Dither>> = {
  NO_DITHER: 'none',
  NONE: 'none',
  SUBTRACTIVE_DITHER_1: 'subtractive-1',
  SUBTRACTIVE_DITHER_2: 'subtractive-2',
};

/** 128 Mpx: one tile of a whole 100 Mpx frame passes, and half a GiB is the most that a lie can cost. */
const MAX_TILE_PIXELS = 1 << 27;

/** `header` is the table's own; throws `fits_unknown_compression` or `fits_bad_keyword`. */
export function parseTileLayout(
  header: FitsHeader,
  shape: readonly number[],
  bitpix: Bitpix,
  where: { file: string; hdu: number },
): TileLayout {
  const bad = (key: string) =>
    new FitsError('fits_bad_keyword', { ...where, key, value: String(header.get(key) ?? '') });
  const integer = (key: string, fallback: number, min: number, max: number): number => {
    const value = header.getNumber(key) ?? fallback;
    if (!Number.isInteger(value) || value < min || value > max) throw bad(key);
    return value;
  };
  const codecName = (header.getString('ZCMPTYPE') ?? '').trim().toUpperCase();
  const codec = CODECS[codecName];
  const ditherName = (header.getString('ZQUANTIZ') ?? 'NO_DITHER').trim().toUpperCase();
  const dither = DITHERS[ditherName];
  if (!codec) throw new FitsError('fits_unknown_compression', { ...where, name: codecName });
  if (!dither) throw new FitsError('fits_unknown_compression', { ...where, name: ditherName });

  const table = parseTableLayout(header, where.file, where.hdu);
  const axes = shape.length;
  const tileShape = shape.map((axis, i) => {
    const n = axes - i;
    // Without ZTILEn a tile is one row (section 10.1.1).
    return Math.min(integer(`ZTILE${n}`, n === 1 ? axis : 1, 1, Number.MAX_SAFE_INTEGER), axis);
  });
  if (tileShape.reduce((product, axis) => product * axis, 1) > MAX_TILE_PIXELS) throw bad('ZTILE1');
  const tilesPerAxis = shape.map((axis, i) => (axis === 0 ? 0 : Math.ceil(axis / tileShape[i])));
  if (tilesPerAxis.reduce((product, count) => product * count, 1) > table.rows) throw bad('NAXIS2');

  const column = (name: string) => table.columns.find((each) => each.name.toUpperCase() === name);
  const heap = (name: string): HeapColumn | undefined => {
    const found = column(name);
    if (!found) return undefined;
    const width = elementBytes(found.element ?? '');
    if (width === undefined || found.repeat !== 1) throw bad(`TFORM${table.columns.indexOf(found) + 1}`);
    return { offset: found.offset, wide: found.type === 'Q', elementBytes: width };
  };
  const perTile = (name: string, key = name) => {
    const found = column(name);
    if (found) {
      if (!'BIJED'.includes(found.type) || found.repeat !== 1) {
        throw bad(`TFORM${table.columns.indexOf(found) + 1}`);
      }
      return { column: found };
    }
    const value = header.getNumber(key);
    return value === undefined ? undefined : { value };
  };
  const compressed = heap('COMPRESSED_DATA');
  const gzipFallback = heap('GZIP_COMPRESSED_DATA');
  const rawFallback = heap('UNCOMPRESSED_DATA');
  if (!compressed && !gzipFallback && !rawFallback) throw bad('TTYPE1');

  const parameters = new Map<string, number>();
  for (let n = 1; header.has(`ZNAME${n}`); n++) {
    const value = header.getNumber(`ZVAL${n}`);
    if (value !== undefined) parameters.set(header.getString(`ZNAME${n}`)?.trim().toUpperCase() ?? '', value);
  }
  // Section 10.4.1: absent means 32 and 4.
  const riceBlockSize = parameters.get('BLOCKSIZE') ?? 32;
  const riceBytePix = parameters.get('BYTEPIX') ?? 4;
  if (codec === 'RICE_1') {
    if (!Number.isInteger(riceBlockSize) || riceBlockSize < 1 || riceBlockSize > 4096) throw bad('ZVAL1');
    if (riceBytePix !== 1 && riceBytePix !== 2 && riceBytePix !== 4) throw bad('ZVAL2');
  }
  return {
    codec,
    bitpix,
    shape,
    tileShape,
    tilesPerAxis,
    rowBytes: table.rowBytes,
    rows: table.rows,
    heapOffset: table.heapOffset,
    dataBytes: table.rowBytes * table.rows + (header.getNumber('PCOUNT') ?? 0),
    compressed,
    gzipFallback,
    rawFallback,
    scale: perTile('ZSCALE'),
    zero: perTile('ZZERO'),
    blank: perTile('ZBLANK') ?? (bitpix > 0 ? perTile('BLANK') : undefined),
    dither,
    ditherSeed: integer('ZDITHER0', 1, 0, 10000),
    riceBlockSize,
    riceBytePix: riceBytePix as 1 | 2 | 4,
    plioOffset: bitpix === 16 && header.getNumber('BZERO') === 32768 ? 32768 : 0,
    smooth: (parameters.get('SMOOTH') ?? 0) !== 0,
  };
}

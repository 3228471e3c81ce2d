// Opens a FITS file: walks its headers and describes every HDU. Data is not touched.
import { openFileSource, type ByteSource, type SourceOptions } from './byte-source.js';
import { detectFileCompression } from './file-compression.js';
import { FitsError } from './fits-error.js';
import type { Bitpix } from './bitpix.js';
import type { FitsFile, FitsHdu, HduKind, PixelFile, PixelHdu } from './hdu.js';
import type { FitsHeader } from './header.js';
import { imageHeaderOf } from './tiles/image-header.js';
import { paddedLength, readHeader } from './read-header.js';
import { TileCache } from './tiles/tile-cache.js';
import { parseTileLayout } from './tiles/tile-layout.js';

/** Of a file that is opened by its path also how it is read. */
export interface OpenOptions extends SourceOptions {
  /** Budget of the cache of decoded tiles of this file. */
  readonly tileCacheBytes?: number;
}

const DEFAULT_TILE_CACHE_BYTES = 32 * 1024 * 1024;
const BITPIX_VALUES = new Set([8, 16, 32, 64, -32, -64]);

/**
 * Opens a file or source; closing the result closes the source, and so does a failure here.
 * What follows the last HDU (special records, rubbish) is ignored. An HDU whose data is cut off, or compressed in a way
 * unknown here, is listed with its `problem` and spoils no other. Throws `fits_empty_file`, `fits_compressed_file`,
 * `fits_not_fits`, `fits_header_unended`, `fits_missing_keyword`, `fits_bad_keyword`.
 */
export async function openFits(input: ByteSource | string, options: OpenOptions = {}): Promise<FitsFile> {
  const source = typeof input === 'string' ? await openFileSource(input, options) : input;
  try {
    await checkSignature(source);
    const hdus: FitsHdu[] = [];
    for (let offset = 0; offset < source.size;) {
      if (hdus.length > 0 && !(await startsExtension(source, offset))) break;
      const { header, dataOffset } = await readHeader(source, offset, hdus.length);
      const hdu = describeHdu(source, header, dataOffset, hdus.length);
      hdus.push(hdu);
      offset = dataOffset + paddedLength(hdu.dataBytes);
    }
    return opened(source, hdus, options);
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** What was found in a file once, without its headers: a few hundred bytes. */
export interface FitsOutline {
  readonly size: number;
  readonly hdus: readonly PixelHdu[];
}

export function outlineOf({ source, hdus }: PixelFile): FitsOutline {
  return {
    size: source.size,
    hdus: hdus.map((hdu) => {
      const { index, kind, name, dataOffset, dataBytes, image, tiles, problem } = hdu;
      return { index, kind, name, dataOffset, dataBytes, image, tiles, problem };
    }),
  };
}

/**
 * Opens a file that `outlineOf` has described for its pixels, without reading its headers again; undefined where it is of another length now. Throws
 * `fits_cannot_open`.
 */
export async function reopenFits(
  path: string,
  { size, hdus }: FitsOutline,
  options: OpenOptions = {},
): Promise<PixelFile | undefined> {
  const source = await openFileSource(path, options);
  if (source.size === size) return opened(source, hdus, options);
  await source.close();
  return undefined;
}

function opened<Hdu extends PixelHdu>(
  source: ByteSource,
  hdus: readonly Hdu[],
  { tileCacheBytes = DEFAULT_TILE_CACHE_BYTES }: OpenOptions,
): PixelFile & { readonly hdus: readonly Hdu[] } {
  const tileCache = new TileCache(tileCacheBytes);
  return {
    source,
    hdus,
    tileCache,
    close() {
      tileCache.clear();
      return source.close();
    },
  };
}

/**
 * The first HDU that holds an image of at least two axes and one pixel.
 * Throws `fits_no_image`, or that HDU's problem (its data is cut off).
 */
export function firstImageHdu(file: FitsFile): FitsHdu & Required<Pick<FitsHdu, 'image'>> {
  const found = file.hdus.find(({ image }) => image && image.shape.length >= 2 && !image.shape.includes(0));
  if (!found?.image) throw new FitsError('fits_no_image', { file: file.source.name });
  if (found.problem) throw found.problem;
  return found as FitsHdu & Required<Pick<FitsHdu, 'image'>>;
}

async function checkSignature(source: ByteSource): Promise<void> {
  const file = source.name;
  if (source.size === 0) throw new FitsError('fits_empty_file', { file });
  const start = await source.getBytes(0, Math.min(source.size, 80));
  const format = detectFileCompression(start);
  if (format) throw new FitsError('fits_compressed_file', { file, format });
  if (!/^SIMPLE {0,2}=/.test(Buffer.from(start).toString('latin1')))
    throw new FitsError('fits_not_fits', { file });
}

async function startsExtension(source: ByteSource, offset: number): Promise<boolean> {
  if (offset + 8 > source.size) return false;
  return Buffer.from(await source.getBytes(offset, 8)).toString('latin1') === 'XTENSION';
}

function describeHdu(source: ByteSource, header: FitsHeader, dataOffset: number, index: number): FitsHdu {
  const file = source.name;
  const where = { file, hdu: index };
  const axes = readAxes(header, 'BITPIX', 'NAXIS', where);
  const kind = kindOf(header, index, axes);
  const dataBytes = declaredBytes(header, kind, axes, where);
  const present = Math.max(0, Math.min(dataBytes, source.size - dataOffset));
  const problem =
    present < dataBytes
      ? new FitsError('fits_data_truncated', { ...where, expectedBytes: dataBytes, presentBytes: present })
      : undefined;
  const name = (header.getString('EXTNAME') ?? (index === 0 ? 'PRIMARY' : '')).trim();
  const base = { index, kind, name, header, dataOffset, dataBytes, problem };
  if (kind === 'image') return { ...base, image: imageLayout(header, axes, dataOffset, dataBytes) };
  if (kind !== 'compressed-image') return base;
  const zAxes = readAxes(header, 'ZBITPIX', 'ZNAXIS', where);
  const own = imageHeaderOf(header);
  const image = imageLayout(own, zAxes, dataOffset, dataBytes);
  const compressed = { ...base, name: own.getString('EXTNAME')?.trim() ?? '', header: own, image };
  try {
    return { ...compressed, tiles: parseTileLayout(header, zAxes.shape, zAxes.bitpix, where) };
  } catch (error) {
    if (!(error instanceof FitsError)) throw error;
    return { ...compressed, problem: problem ?? error };
  }
}

interface Axes {
  readonly bitpix: Bitpix;
  readonly shape: readonly number[];
}

function readAxes(
  header: FitsHeader,
  bitpixKey: string,
  naxisKey: string,
  where: { file: string; hdu: number },
): Axes {
  const integer = (key: string, accept: (value: number) => boolean): number => {
    const value = header.getNumber(key);
    if (value === undefined && !header.has(key))
      throw new FitsError('fits_missing_keyword', { ...where, key });
    if (value === undefined || !Number.isSafeInteger(value) || !accept(value)) {
      throw new FitsError('fits_bad_keyword', { ...where, key, value: String(header.get(key)) });
    }
    return value;
  };
  const bitpix = integer(bitpixKey, (value) => BITPIX_VALUES.has(value)) as Bitpix;
  const naxis = integer(naxisKey, (value) => value >= 0 && value <= 999);
  const shape: number[] = [];
  for (let n = naxis; n >= 1; n--) shape.push(integer(`${naxisKey}${n}`, (value) => value >= 0));
  return { bitpix, shape };
}

function kindOf(header: FitsHeader, index: number, axes: Axes): HduKind {
  if (index === 0) {
    return header.getBoolean('GROUPS') === true && axes.shape.at(-1) === 0 ? 'random-groups' : 'image';
  }
  switch ((header.getString('XTENSION') ?? '').trim().toUpperCase()) {
    case 'IMAGE':
    case 'IUEIMAGE':
      return 'image';
    case 'BINTABLE':
    case 'A3DTABLE':
      return header.getBoolean('ZIMAGE') === true ? 'compressed-image' : 'bintable';
    case 'TABLE':
      return 'ascii-table';
    default:
      return 'other';
  }
}

/** Sections 4.4.1.1 and 4.4.1.2, equations 1 and 2; section 6 for random groups. */
function declaredBytes(
  header: FitsHeader,
  kind: HduKind,
  axes: Axes,
  where: { file: string; hdu: number },
): number {
  const counted = where.hdu > 0 || kind === 'random-groups';
  const count = (key: string, fallback: number): number => {
    const value = counted ? (header.getNumber(key) ?? fallback) : fallback;
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new FitsError('fits_bad_keyword', { ...where, key, value: String(header.get(key)) });
    }
    return value;
  };
  const shape = kind === 'random-groups' ? axes.shape.slice(0, -1) : axes.shape;
  const elements = shape.length === 0 ? 0 : shape.reduce((product, axis) => product * axis, 1);
  const bytes = (Math.abs(axes.bitpix) / 8) * count('GCOUNT', 1) * (count('PCOUNT', 0) + elements);
  if (!Number.isSafeInteger(bytes)) {
    throw new FitsError('fits_bad_keyword', { ...where, key: 'NAXIS', value: axes.shape.join(' x ') });
  }
  return bytes;
}

function imageLayout(header: FitsHeader, axes: Axes, dataOffset: number, dataBytes: number) {
  const blank = header.getNumber('BLANK');
  return {
    ...axes,
    bscale: header.getNumber('BSCALE') ?? 1,
    bzero: header.getNumber('BZERO') ?? 0,
    blank: axes.bitpix > 0 && blank !== undefined && Number.isInteger(blank) ? blank : undefined,
    dataOffset,
    dataBytes,
  };
}

// Physical pixel values of a window of one plane. Reads the byte ranges (or tiles) the window needs, no more.
import { unfilledBytes } from '../byte-source.js';
import { FitsError } from '../fits-error.js';
import { planeGeometry, type PixelFile, type PixelHdu, type ImageLayout } from '../hdu.js';
import type { PixelWindow } from './pixel-window.js';
import type { ReadMemory } from './read-buffers.js';
import { readTileWindow } from './read-tile-window.js';
import { isUnsigned64, nativePixels, toPhysical, type PixelArray } from '../stored-pixels.js';

export type { PixelWindow } from './pixel-window.js';

/** Stored bytes taken in one read: large enough for full speed, small beside any budget. */
const BAND_BYTES = 8 * 1024 * 1024;
/** Reading over a gap is cheaper than a second call up to about this many bytes. */
const GAP_BYTES = 32 * 1024;
/** A typed array of more elements than this is refused rather than tried. */
const MAX_WINDOW_PIXELS = 2 ** 31;

/**
 * Physical values `[height, width]` row-major: BSCALE/BZERO applied, BLANK and undefined pixels NaN.
 * 32- and 64-bit integers and float64 are rounded to float32 once.
 * Throws `fits_not_an_image`, `fits_window_outside`, `fits_tile_corrupt`, or the HDU's problem.
 */
export async function readWindow(file: PixelFile, hdu: PixelHdu, window: PixelWindow): Promise<Float32Array> {
  const image = checkWindow(file.source.name, hdu, window);
  return fillWindow(file, hdu, image, window, new Float32Array(window.width * window.height));
}

/** As `readWindow`, in float64. */
export async function readWindow64(
  file: PixelFile,
  hdu: PixelHdu,
  window: PixelWindow,
): Promise<Float64Array> {
  const image = checkWindow(file.source.name, hdu, window);
  return fillWindow(file, hdu, image, window, new Float64Array(window.width * window.height));
}

/**
 * The bytes of a window as they stand on disk, big-endian, rows packed one after another, for a device that swaps
 * and scales itself. For plain images of any BITPIX; throws `fits_raw_needs_plain` for a compressed one.
 * With `buffers` the memory is theirs, and the caller gives it back.
 */
export async function readRawRows(
  file: PixelFile,
  hdu: PixelHdu,
  window: PixelWindow,
  buffers?: ReadMemory,
): Promise<Uint8Array> {
  const image = checkRawWindow(file.source.name, hdu, window);
  const bytes = rawBytes(image, window);
  return fillRows(file, image, window, buffers?.take(bytes) ?? unfilledBytes(bytes), buffers);
}

/** The image that a window is to be read from as it is stored. Throws as `readRawRows`. */
export function checkRawWindow(name: string, hdu: PixelHdu, window: PixelWindow): ImageLayout {
  const image = checkWindow(name, hdu, window);
  if (hdu.kind !== 'image') throw new FitsError('fits_raw_needs_plain', { file: name, hdu: hdu.index });
  return image;
}

/** Bytes of a window's pixels as they are stored. */
export const rawBytes = (image: ImageLayout, { width, height }: PixelWindow): number =>
  (width * height * Math.abs(image.bitpix)) / 8;

function checkWindow(name: string, hdu: PixelHdu, window: PixelWindow): ImageLayout {
  const where = { file: name, hdu: hdu.index };
  if (!hdu.image) throw new FitsError('fits_not_an_image', where);
  if (hdu.problem) throw hdu.problem;
  const { nx, ny, planes } = planeGeometry(hdu.image);
  const { plane = 0, x0, y0, width, height } = window;
  const inside = (start: number, length: number, size: number) =>
    Number.isInteger(start) &&
    Number.isInteger(length) &&
    start >= 0 &&
    length >= 0 &&
    start + length <= size;
  if (!inside(x0, width, nx) || !inside(y0, height, ny) || !inside(plane, 1, planes)) {
    throw new FitsError('fits_window_outside', { ...where, plane, x0, y0, width, height, nx, ny, planes });
  }
  if (width * height > MAX_WINDOW_PIXELS) {
    throw new FitsError('fits_window_too_large', { ...where, width, height, limitPixels: MAX_WINDOW_PIXELS });
  }
  return hdu.image;
}

async function fillWindow<T extends PixelArray>(
  file: PixelFile,
  hdu: PixelHdu,
  image: ImageLayout,
  window: PixelWindow,
  out: T,
): Promise<T> {
  if (out.length === 0) return out;
  if (hdu.tiles) {
    await readTileWindow(file, hdu, hdu.tiles, image, window, out);
    return out;
  }
  const { width } = window;
  const { bitpix } = image;
  const pixelBytes = Math.abs(bitpix) / 8;
  const unsigned64 = isUnsigned64(bitpix, image);
  if (bitpix === -32 && out instanceof Float32Array && image.bscale === 1 && image.bzero === 0) {
    nativePixels(await fillRows(file, image, window, new Uint8Array(out.buffer)), bitpix);
    return out;
  }
  await eachBand(file, image, window, (bytes, stride, firstRow, rows) => {
    const stored = nativePixels(bytes, bitpix, unsigned64);
    const step = stride / pixelBytes;
    if (step === width) {
      toPhysical(stored, 0, rows * width, bitpix, image, out, firstRow * width);
    } else {
      for (let row = 0; row < rows; row++) {
        toPhysical(stored, row * step, width, bitpix, image, out, (firstRow + row) * width);
      }
    }
  });
  return out;
}

/** Fills `target`, which is just as long, with the window's stored bytes, rows packed. */
async function fillRows(
  file: PixelFile,
  image: ImageLayout,
  window: PixelWindow,
  target: Uint8Array,
  buffers?: ReadMemory,
): Promise<Uint8Array> {
  const { start, imageRow, windowRow } = rowsOf(image, window);
  if (target.length === 0) return target;
  if (windowRow === imageRow) return file.source.getBytes(start, target.length, target);
  const take = (bytes: Uint8Array, stride: number, firstRow: number, rows: number) =>
    packRows(bytes, stride, target, windowRow, firstRow, rows);
  await eachBand(file, image, window, take, buffers);
  return target;
}

/** Rows of no more bytes move together before they are copied. */
const SHORT_ROW_BYTES = 2048;

/**
 * Puts the first `windowRow` bytes of each of `rows` rows, `stride` bytes apart, where the window has them. Short ones move together first where they lie: a view of each
 * would be more garbage than all else that reading a small window makes, and take up to twice as long. Of long ones the second copy would take longer than their views.
 */
export function packRows(
  bytes: Uint8Array,
  stride: number,
  target: Uint8Array,
  windowRow: number,
  firstRow: number,
  rows: number,
): void {
  if (stride !== windowRow && windowRow > SHORT_ROW_BYTES) {
    for (let row = 0; row < rows; row++)
      target.set(bytes.subarray(row * stride, row * stride + windowRow), (firstRow + row) * windowRow);
    return;
  }
  if (stride !== windowRow)
    for (let row = 1; row < rows; row++)
      bytes.copyWithin(row * windowRow, row * stride, row * stride + windowRow);
  target.set(bytes.subarray(0, rows * windowRow), firstRow * windowRow);
}

/** Byte offset of the window's first pixel, bytes of a row of the image and of the window. */
export function rowsOf(image: ImageLayout, { plane = 0, x0, y0, width }: PixelWindow) {
  const { nx, ny } = planeGeometry(image);
  const pixelBytes = Math.abs(image.bitpix) / 8;
  const start = image.dataOffset + ((plane * ny + y0) * nx + x0) * pixelBytes;
  return { start, imageRow: nx * pixelBytes, windowRow: width * pixelBytes };
}

/** Rows of a window that are read by one call, with what lies between them. */
interface Band {
  readonly offset: number;
  readonly length: number;
  readonly firstRow: number;
  readonly rows: number;
  /** Bytes from row to row: the image's row where gaps are small, else the window's (rows are read one by one). */
  readonly stride: number;
}

/** The calls that read a window's stored bytes. Each band starts at the window's first column. */
export function* bandsOf(image: ImageLayout, window: PixelWindow): Generator<Band> {
  const { start, imageRow, windowRow } = rowsOf(image, window);
  const { height } = window;
  if (windowRow === 0 || height === 0) return;
  const contiguous = imageRow - windowRow <= GAP_BYTES || windowRow * 2 >= imageRow;
  const rowsPerBand = contiguous ? Math.max(1, Math.floor(BAND_BYTES / imageRow)) : 1;
  for (let row = 0; row < height; row += rowsPerBand) {
    const rows = Math.min(rowsPerBand, height - row);
    const length = (rows - 1) * imageRow + windowRow;
    const stride = contiguous ? imageRow : windowRow;
    yield { offset: start + row * imageRow, length, firstRow: row, rows, stride };
  }
}

/** Reads the window band by band. With `buffers`, a band is good only while `take` looks at it. */
async function eachBand(
  file: PixelFile,
  image: ImageLayout,
  window: PixelWindow,
  take: (bytes: Uint8Array, stride: number, firstRow: number, rows: number) => void,
  buffers?: ReadMemory,
): Promise<void> {
  for (const { offset, length, firstRow, rows, stride } of bandsOf(image, window)) {
    const bytes = await file.source.getBytes(offset, length, buffers?.take(length));
    take(bytes, stride, firstRow, rows);
    buffers?.give(bytes);
  }
}

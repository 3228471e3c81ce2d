// The stored bytes of a small window, read by the thread that asks: the four calls of the system take a tenth of the time that the way through the thread pool and back does.
import { readFileNow } from '../byte-source.js';
import type { PixelHdu } from '../hdu.js';
import type { FitsOutline } from '../open-fits.js';
import type { PixelWindow } from './pixel-window.js';
import type { ReadMemory } from './read-buffers.js';
import { bandsOf, checkRawWindow, packRows, rawBytes, rowsOf } from './read-window.js';

/** As `readRawRows` of the file that `outline` describes; undefined where it is of another length now. Its memory is that of `buffers`, and of `bands` what it needs meanwhile. */
export function readRowsNow(
  path: string,
  { size }: Pick<FitsOutline, 'size'>,
  hdu: PixelHdu,
  window: PixelWindow,
  buffers: ReadMemory,
  bands: ReadMemory,
): Uint8Array | undefined {
  const image = checkRawWindow(path, hdu, window);
  const { imageRow, windowRow } = rowsOf(image, window);
  return readFileNow(path, size, (fill) => {
    const target = buffers.take(rawBytes(image, window));
    for (const { offset, length, firstRow, rows, stride } of bandsOf(image, window)) {
      if (windowRow === imageRow) {
        fill(offset, target.subarray(firstRow * windowRow, firstRow * windowRow + length));
        continue;
      }
      const band = bands.take(length);
      fill(offset, band);
      packRows(band, stride, target, windowRow, firstRow, rows);
      bands.give(band);
    }
    return target;
  });
}

/** Bytes that reading a window moves, those between its rows included. */
export function bytesMoved(hdu: PixelHdu, window: PixelWindow): number {
  let moved = 0;
  if (hdu.image) for (const { length } of bandsOf(hdu.image, window)) moved += length;
  return moved;
}

// Copies that were preallocated and never finished: right length, valid header, zeros from some row on.
import type { PixelFile, PixelHdu } from './hdu.js';
import { planeGeometry } from './hdu.js';
import { readRawRows } from './read-window.js';

/**
 * Rows at the end of the last plane of a plain image whose stored bytes are all 0 (0 for compressed images). Whether
 * that is a fault the caller judges: a stored 0 may be a true value. Reads the last row, and more only while it is zero.
 */
export async function countZeroTailRows(file: PixelFile, hdu: PixelHdu): Promise<number> {
  if (hdu.kind !== 'image' || !hdu.image) return 0;
  const { nx, ny, planes } = planeGeometry(hdu.image);
  if (nx === 0 || ny === 0 || planes === 0) return 0;
  let count = 0;
  for (let rows = 1; count < ny; rows = Math.min(rows * 2, 256)) {
    const height = Math.min(rows, ny - count);
    const y0 = ny - count - height;
    const bytes = await readRawRows(file, hdu, { plane: planes - 1, x0: 0, y0, width: nx, height });
    const rowBytes = bytes.length / height;
    for (let row = height - 1; row >= 0; row--) {
      if (bytes.subarray(row * rowBytes, (row + 1) * rowBytes).some((byte) => byte !== 0)) return count;
      count++;
    }
  }
  return count;
}

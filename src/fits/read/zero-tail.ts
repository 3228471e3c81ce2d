// Copies that were preallocated and never finished: right length, valid header, zeros from some row on.
import type { PixelFile, PixelHdu } from '../hdu.js';
import { planeGeometry } from '../hdu.js';
import { readRawRows } from './read-window.js';

/** Whole rows of zeros, and the zero samples at the end of the row before them: a copy ends anywhere in a row, black rows of a picture with one. */
export interface ZeroTail {
  readonly rows: number;
  readonly samples: number;
}

/**
 * What of the end of the last plane of a plain image is stored as bytes that are all 0 (nothing of compressed images). Whether
 * that is a fault the caller judges: a stored 0 may be a true value. Reads the last row, and more only while it is zero.
 */
export async function zeroTail(file: PixelFile, hdu: PixelHdu): Promise<ZeroTail> {
  if (hdu.kind !== 'image' || !hdu.image) return { rows: 0, samples: 0 };
  const { nx, ny, planes } = planeGeometry(hdu.image);
  if (nx === 0 || ny === 0 || planes === 0) return { rows: 0, samples: 0 };
  let count = 0;
  for (let rows = 1; count < ny; rows = Math.min(rows * 2, 256)) {
    const height = Math.min(rows, ny - count);
    const y0 = ny - count - height;
    const bytes = await readRawRows(file, hdu, { plane: planes - 1, x0: 0, y0, width: nx, height });
    const rowBytes = bytes.length / height;
    for (let row = height - 1; row >= 0; row--) {
      const last = bytes.subarray(row * rowBytes, (row + 1) * rowBytes).findLastIndex((byte) => byte !== 0);
      if (last >= 0) return { rows: count, samples: Math.floor(((rowBytes - 1 - last) * nx) / rowBytes) };
      count++;
    }
  }
  return { rows: count, samples: 0 };
}

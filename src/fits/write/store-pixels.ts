// Physical values -> stored pixels, the mirror of stored-pixels.ts.
import type { ImageSpec, RowData } from './image-spec.js';

export type StoredArray = Uint8Array | Int16Array | Int32Array | Float32Array | Float64Array;

/** The array type of a stored pixel. */
export const STORED_ARRAYS = {
  8: Uint8Array,
  16: Int16Array,
  32: Int32Array,
  [-32]: Float32Array,
  [-64]: Float64Array,
} as const satisfies Record<ImageSpec['bitpix'], unknown>;

/**
 * Fills `out` with the stored form of `values[start .. start + out.length]`. Integers are rounded to nearest (halves
 * up) and clamped to the type; NaN becomes `blank`, or physical 0 without one.
 */
export function storePixels(values: RowData, start: number, spec: ImageSpec, out: StoredArray): void {
  const { bitpix } = spec;
  const count = out.length;
  if (bitpix < 0) {
    out.set(values.subarray(start, start + count));
    return;
  }
  const { bscale = 1, bzero = 0 } = spec;
  const low = bitpix === 8 ? 0 : -(2 ** (bitpix - 1));
  const high = bitpix === 8 ? 255 : 2 ** (bitpix - 1) - 1;
  const nan = spec.blank ?? Math.min(high, Math.max(low, Math.floor(-bzero / bscale + 0.5)));
  for (let i = 0; i < count; i++) {
    const stored = (values[start + i] - bzero) / bscale;
    if (stored !== stored) out[i] = nan;
    else out[i] = stored <= low ? low : stored >= high ? high : Math.floor(stored + 0.5);
  }
}

/** The bytes of stored pixels, turned to big-endian in place. */
export function bigEndianBytes(stored: StoredArray): Uint8Array {
  const bytes = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
  if (stored.BYTES_PER_ELEMENT === 2) bytes.swap16();
  else if (stored.BYTES_PER_ELEMENT === 4) bytes.swap32();
  else if (stored.BYTES_PER_ELEMENT === 8) bytes.swap64();
  return bytes;
}

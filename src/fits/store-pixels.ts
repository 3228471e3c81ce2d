// Physical values -> stored pixels, the mirror of stored-pixels.ts.
import type { ImageSpec, RowData } from './image-spec.js';

export type StoredArray = Uint8Array | Int16Array | Int32Array | Float32Array | Float64Array;

/** A fresh array of `count` stored pixels of that type. */
export function storedArray(bitpix: ImageSpec['bitpix'], count: number): StoredArray {
  switch (bitpix) {
    case 8:
      return new Uint8Array(count);
    case 16:
      return new Int16Array(count);
    case 32:
      return new Int32Array(count);
    case -32:
      return new Float32Array(count);
    case -64:
      return new Float64Array(count);
  }
}

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

// Stored big-endian bytes -> physical values, in tight loops (FITS 4.0, sections 5 and 4.4.2.5).
import type { Bitpix } from './bitpix.js';

/** Stored value -> physical value. `blank` is compared with the stored integer. */
export interface PixelScaling {
  readonly bscale: number;
  readonly bzero: number;
  readonly blank?: number;
}

export type PixelArray = Float32Array | Float64Array;

const asBuffer = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

/** Smallest normal and largest float32: outside them a scale is kept in float64. */
const inFloat32 = (value: number) =>
  value === 0 || (Math.abs(value) >= 1.1754943508222875e-38 && Math.abs(value) <= 3.4028234663852886e38);

/**
 * Turns stored big-endian pixels into stored values in the machine's order: Uint8Array, Int16Array, Int32Array,
 * Float32Array or Float64Array (64-bit integers come as float64, rounded once, `unsigned` when BZERO makes them so).
 * `bytes` is used up: swapped in place. Its offset must be a multiple of the pixel size.
 */
export function nativePixels(bytes: Uint8Array, bitpix: Bitpix, unsigned64 = false) {
  const { buffer, byteOffset, length } = bytes;
  switch (bitpix) {
    case 8:
      return bytes;
    case 16:
      asBuffer(bytes).swap16();
      return new Int16Array(buffer, byteOffset, length / 2);
    case 32:
      asBuffer(bytes).swap32();
      return new Int32Array(buffer, byteOffset, length / 4);
    case -32:
      asBuffer(bytes).swap32();
      return new Float32Array(buffer, byteOffset, length / 4);
    case -64:
      asBuffer(bytes).swap64();
      return new Float64Array(buffer, byteOffset, length / 8);
    case 64: {
      asBuffer(bytes).swap32();
      const words = new Uint32Array(buffer, byteOffset, length / 4);
      const out = new Float64Array(length / 8);
      for (let i = 0; i < out.length; i++) {
        // high * 2^32 is exact, so the sum is the one rounding.
        const high = unsigned64 ? (words[2 * i] ^ 0x80000000) >>> 0 : words[2 * i] | 0;
        out[i] = high * 4294967296 + words[2 * i + 1];
      }
      return out;
    }
  }
}

export type NativePixels = ReturnType<typeof nativePixels>;

/** True for 64-bit images whose BZERO = 2^63 means unsigned (section 5.2.5, table 11). */
export function isUnsigned64(bitpix: Bitpix, scaling: PixelScaling): boolean {
  return (
    bitpix === 64 &&
    scaling.bzero === 9223372036854775808 &&
    scaling.bscale === 1 &&
    scaling.blank === undefined
  );
}

/** An integer BZERO small enough that every sum is exact (in float32 for 8 and 16 bits, in float64 for 32). */
const isExactShift = (bitpix: Bitpix, bzero: number) =>
  Number.isInteger(bzero) &&
  (((bitpix === 8 || bitpix === 16) && Math.abs(bzero) < 2 ** 23) ||
    (bitpix === 32 && Math.abs(bzero) < 2 ** 52));

/**
 * Writes physical values of `count` stored pixels from `start` into `out` at `at`.
 *
 * BITPIX 8, 16 and -32 are scaled in float32 arithmetic, 32, 64 and -64 in float64, as astropy does: stored values
 * of the first group are exact in float32, and both output types then hold the same numbers. The unsigned convention
 * (BSCALE 1, BZERO 2^(n-1)) is exact. BLANK and NaN become NaN.
 */
export function toPhysical(
  stored: NativePixels,
  start: number,
  count: number,
  bitpix: Bitpix,
  scaling: PixelScaling,
  out: PixelArray,
  at: number,
): void {
  const { bscale, bzero, blank } = scaling;
  const alreadyOffset = isUnsigned64(bitpix, scaling);
  if ((bscale === 1 && bzero === 0) || alreadyOffset) {
    out.set(start === 0 && count === stored.length ? stored : stored.subarray(start, start + count), at);
  } else if (bscale === 1 && isExactShift(bitpix, bzero)) {
    for (let i = 0; i < count; i++) out[at + i] = stored[start + i] + bzero;
  } else if ((bitpix === 8 || bitpix === 16 || bitpix === -32) && inFloat32(bscale) && inFloat32(bzero)) {
    const scale = Math.fround(bscale);
    const zero = Math.fround(bzero);
    for (let i = 0; i < count; i++) out[at + i] = Math.fround(Math.fround(stored[start + i] * scale) + zero);
  } else {
    for (let i = 0; i < count; i++) out[at + i] = stored[start + i] * bscale + bzero;
  }
  if (blank !== undefined && bitpix > 0) {
    for (let i = 0; i < count; i++) if (stored[start + i] === blank) out[at + i] = NaN;
  }
}

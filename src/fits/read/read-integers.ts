// Samples of 16-bit images as integers: half the memory of float32, and counted as they are.
import { planeGeometry, type PixelFile, type PixelHdu } from '../hdu.js';
import { sharedPasses } from '../../simd/sample-passes.js';
import type { ReadBuffers } from './read-buffers.js';
import { readRawRows, type PixelWindow } from './read-window.js';

/** Stored -32768..32767 becomes 0..65535 by it. */
const SIGN_BIT = 0x8000;
/** Bytes that are swapped at a time: the caches hold them. */
const CHUNK_BYTES = 2 ** 16;

/**
 * The bytes of a window of a plain 16-bit image, big-endian, rows packed, whose physical values are the stored integers, or these plus 32768 (the
 * unsigned convention, FITS 4.0 section 5.2.5); undefined for any other image, one with BLANK included. Throws as `readWindow` does.
 * With `buffers` the memory is theirs, and the caller gives it back.
 */
export async function readStoredIntegers(
  file: PixelFile,
  hdu: PixelHdu,
  window: PixelWindow,
  buffers?: ReadBuffers,
): Promise<Uint8Array | undefined> {
  const { image, kind } = hdu;
  if (kind !== 'image' || image?.bitpix !== 16 || image.bscale !== 1 || image.blank !== undefined)
    return undefined;
  if ((image.bzero !== 0 && image.bzero !== 32768) || planeGeometry(image).nx === 0) return undefined;
  return readRawRows(file, hdu, window, buffers);
}

/** The physical values `[height, width]` of such a window; undefined for any other image. `buffers` as for `readStoredIntegers`. */
export async function readIntegers(
  file: PixelFile,
  hdu: PixelHdu,
  window: PixelWindow,
  buffers?: ReadBuffers,
): Promise<Uint16Array | Int16Array | undefined> {
  const bytes = await readStoredIntegers(file, hdu, window, buffers);
  if (!bytes) return undefined;
  const { buffer, byteOffset, byteLength } = bytes;
  const signed = hdu.image!.bzero === 0;
  toOwnOrder(bytes, signed ? 0 : SIGN_BIT);
  return signed
    ? new Int16Array(buffer, byteOffset, byteLength / 2)
    : new Uint16Array(buffer, byteOffset, byteLength / 2);
}

/** Swaps the bytes of 16-bit samples, and their bits `flip`. */
function toOwnOrder(bytes: Uint8Array, flip: number): void {
  const passes = sharedPasses();
  const at = passes.take(CHUNK_BYTES);
  const memory = passes.bytes();
  for (let from = 0; from < bytes.length; from += CHUNK_BYTES) {
    const length = Math.min(CHUNK_BYTES, bytes.length - from);
    memory.set(bytes.subarray(from, from + length), at);
    passes.passes.swapBytes(at, length / 2, flip);
    bytes.set(memory.subarray(at, at + length), from);
  }
}

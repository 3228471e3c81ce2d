// Samples of 16-bit images as integers: half the memory of float32, and counted as they are.
import { planeGeometry, type FitsFile, type FitsHdu } from './hdu.js';
import { readRawRows, type PixelWindow } from './read-window.js';

/** Swaps the sign bits of two 16-bit samples: stored -32768..32767 becomes 0..65535. */
const SIGN_BITS = 0x80008000;

/**
 * The bytes of a window of a plain 16-bit image, big-endian, rows packed, whose physical values are the stored integers, or these plus 32768 (the
 * unsigned convention, FITS 4.0 section 5.2.5); undefined for any other image, one with BLANK included. Throws as `readWindow` does.
 */
export async function readStoredIntegers(
  file: FitsFile,
  hdu: FitsHdu,
  window: PixelWindow,
): Promise<Uint8Array | undefined> {
  const { image, kind } = hdu;
  if (kind !== 'image' || image?.bitpix !== 16 || image.bscale !== 1 || image.blank !== undefined)
    return undefined;
  if ((image.bzero !== 0 && image.bzero !== 32768) || planeGeometry(image).nx === 0) return undefined;
  return readRawRows(file, hdu, window);
}

/** The physical values `[height, width]` of such a window; undefined for any other image. */
export async function readIntegers(
  file: FitsFile,
  hdu: FitsHdu,
  window: PixelWindow,
): Promise<Uint16Array | Int16Array | undefined> {
  const bytes = await readStoredIntegers(file, hdu, window);
  if (!bytes) return undefined;
  const { buffer, byteOffset, byteLength } = bytes;
  Buffer.from(buffer, byteOffset, byteLength).swap16();
  if (hdu.image!.bzero === 0) return new Int16Array(buffer, byteOffset, byteLength / 2);
  const pairs = new Uint32Array(buffer, byteOffset, byteLength >> 2);
  for (let i = 0; i < pairs.length; i++) pairs[i] ^= SIGN_BITS;
  const samples = new Uint16Array(buffer, byteOffset, byteLength / 2);
  if (samples.length % 2 === 1) samples[samples.length - 1] ^= 0x8000;
  return samples;
}

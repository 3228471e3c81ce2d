// GZIP_1 and GZIP_2 (FITS 4.0, sections 10.4.2): big-endian pixels, for GZIP_2 with their bytes shuffled by place.
import { unzipSync } from 'node:zlib';
import { CorruptTile } from './codec-error.js';

/**
 * Inflates a tile of `count` pixels of at most `maxPixelBytes` each; `pixelBytes` is what the stream turns out to hold
 * (integers may have been stored wider or narrower than BITPIX). The result has a buffer of its own.
 */
export function inflateTile(
  bytes: Uint8Array,
  count: number,
  maxPixelBytes: number,
  shuffled: boolean,
): { bytes: Uint8Array; pixelBytes: number } {
  let flat: Uint8Array;
  try {
    flat = unzipSync(bytes, { maxOutputLength: Math.max(1, count * maxPixelBytes) });
  } catch (cause) {
    throw new CorruptTile(`zlib: ${String(cause)}`);
  }
  const pixelBytes = flat.length / count;
  if (![1, 2, 4, 8].includes(pixelBytes)) throw new CorruptTile('gzip-length');
  // zlib hands out slices of a pool; pixel views need offset 0.
  const own = new Uint8Array(flat.length);
  if (!shuffled || pixelBytes === 1) own.set(flat);
  else {
    for (let place = 0; place < pixelBytes; place++) {
      const from = place * count;
      for (let i = 0, to = place; i < count; i++, to += pixelBytes) own[to] = flat[from + i];
    }
  }
  return { bytes: own, pixelBytes };
}

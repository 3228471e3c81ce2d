// One tile: compressed bytes in, pixels out (stored integers, or physical floats where they were quantised).
import { CorruptTile } from '../codecs/codec-error.js';
import { dequantise } from '../codecs/dither.js';
import { inflateTile } from '../codecs/gzip-decode.js';
import { decodeHcompress } from '../codecs/hcompress-decode.js';
import { decodePlio } from '../codecs/plio-decode.js';
import { decodeRice } from '../codecs/rice-decode.js';
import type { Bitpix } from '../bitpix.js';
import { nativePixels } from '../stored-pixels.js';
import type { TilePixels } from './tile-cache.js';
import type { TileLayout } from './tile-layout.js';

/** One tile as its table row describes it. */
export interface TileData {
  readonly bytes: Uint8Array;
  /** Which column the bytes come from. */
  readonly from: 'compressed' | 'gzip' | 'raw';
  /** Table row, from 0. */
  readonly tile: number;
  /** Actual shape, slowest axis first. */
  readonly shape: readonly number[];
  readonly scale?: number;
  readonly zero?: number;
  readonly blank?: number;
}

/** Throws `CorruptTile` when the bytes cannot be a tile of that shape. */
export function decodeTile(layout: TileLayout, data: TileData): TilePixels {
  const count = data.shape.reduce((product, axis) => product * axis, 1);
  const { bitpix } = layout;
  // The fallback columns hold pixels as they were, never quantised ones (section 10.2).
  const quantised = bitpix < 0 && data.from === 'compressed' && data.scale !== undefined;
  const pixels = decodeStored(layout, data, count, quantised);
  if (!quantised) {
    if (bitpix > 0 && layout.blank?.column) return withNaN(pixels, data.blank);
    return pixels;
  }
  const out = bitpix === -32 ? new Float32Array(count) : new Float64Array(count);
  dequantise(pixels as Int32Array, out, {
    scale: data.scale ?? 1,
    zero: data.zero ?? 0,
    blank: data.blank,
    dither: layout.dither,
    tile: data.tile,
    seed: layout.ditherSeed,
  });
  return out;
}

function decodeStored(layout: TileLayout, data: TileData, count: number, quantised: boolean): TilePixels {
  const { bytes, from } = data;
  const stored: Bitpix = quantised ? 32 : layout.bitpix;
  if (from === 'raw') return rawPixels(bytes, count, stored);
  const codec = from === 'gzip' ? 'GZIP_1' : layout.codec;
  switch (codec) {
    case 'RICE_1':
      return decodeRice(bytes, count, layout.riceBlockSize, layout.riceBytePix);
    case 'HCOMPRESS_1':
      return decodeHcompress(bytes, hcompressShape(data.shape), layout.smooth);
    case 'PLIO_1':
      return decodePlio(bytes, count).map((value) => value - layout.plioOffset);
    case 'NOCOMPRESS':
      return rawPixels(bytes, count, stored);
    default: {
      const width = stored < 0 ? Math.abs(stored) / 8 : Math.max(4, stored / 8);
      const flat = inflateTile(bytes, count, width, codec === 'GZIP_2');
      if (stored < 0 && flat.pixelBytes !== width) throw new CorruptTile('gzip-length');
      return asTilePixels(nativePixels(flat.bytes, stored < 0 ? stored : integerBitpix(flat.pixelBytes)));
    }
  }
}

const integerBitpix = (pixelBytes: number) => (pixelBytes * 8) as 8 | 16 | 32 | 64;

function rawPixels(bytes: Uint8Array, count: number, bitpix: Bitpix): TilePixels {
  const length = (count * Math.abs(bitpix)) / 8;
  if (bytes.length !== length) throw new CorruptTile('raw-length');
  return asTilePixels(nativePixels(Uint8Array.from(bytes), bitpix));
}

function asTilePixels(pixels: ReturnType<typeof nativePixels>): TilePixels {
  return pixels instanceof Uint8Array || pixels instanceof Int16Array ? Int32Array.from(pixels) : pixels;
}

/** A tile is 2-D for HCOMPRESS; degenerate axes apart (section 10.4.4). */
function hcompressShape(shape: readonly number[]): [number, number] {
  const long = shape.filter((axis) => axis > 1);
  if (long.length > 2) throw new CorruptTile('hcompress-axes');
  const nx = shape[shape.length - 1];
  return [shape.reduce((product, axis) => product * axis, 1) / nx, nx];
}

function withNaN(pixels: TilePixels, blank: number | undefined): Float64Array {
  const out = Float64Array.from(pixels);
  if (blank !== undefined) for (let i = 0; i < out.length; i++) if (out[i] === blank) out[i] = NaN;
  return out;
}

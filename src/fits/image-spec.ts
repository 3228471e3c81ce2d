// What is to be written: the type, shape and cards of one image.
import type { CardInput } from './format-card.js';

/** Tile compression of an image on writing; tiles are rows. */
export interface CompressionSpec {
  /** `GZIP_2` is lossless for every type; `RICE_1` is lossless for integers and quantises floats. */
  readonly codec: 'RICE_1' | 'GZIP_2';
  /** Floats with RICE_1: steps per sigma of the row's noise (default 16: 0.02 % of noise added). */
  readonly quantiseLevel?: number;
  /** Floats with RICE_1; default `subtractive-2`, which keeps zeros exact. */
  readonly dither?: 'none' | 'subtractive-1' | 'subtractive-2';
  /** ZDITHER0, 1..10000; default 1, so that the same pixels give the same bytes. */
  readonly ditherSeed?: number;
}

export interface ImageSpec {
  readonly bitpix: 8 | 16 | 32 | -32 | -64;
  /** Row-major, slowest axis first: [ny, nx] or [planes, ny, nx]. */
  readonly shape: readonly number[];
  /** physical = bzero + bscale * stored. `bitpix: 16, bzero: 32768` is unsigned 16-bit. Integers only. */
  readonly bscale?: number;
  readonly bzero?: number;
  /** Stored integer for NaN. Without it NaN is stored as physical 0. */
  readonly blank?: number;
  /** EXTNAME. */
  readonly name?: string;
  /** Cards in order. Those the writer makes itself (BITPIX, NAXISn, BZERO, CHECKSUM, ...) are left out. */
  readonly cards?: readonly CardInput[];
  readonly compression?: CompressionSpec;
}

/** Physical values, whole rows. */
export type RowData = Float32Array | Float64Array | Uint8Array | Int16Array | Uint16Array | Int32Array;

/** Keywords that follow from the spec: a copied header may hold them, they are not passed on. */
export const STRUCTURAL =
  /^(?:SIMPLE|XTENSION|BITPIX|NAXIS\d*|EXTEND|PCOUNT|GCOUNT|GROUPS|BLOCKED|BSCALE|BZERO|BLANK|EXTNAME|CHECKSUM|DATASUM|ZHECKSUM|ZDATASUM|END|CONTINUE|TFIELDS|THEAP|T(?:TYPE|FORM)\d+|Z(?:IMAGE|CMPTYPE|BITPIX|NAXIS\d*|TILE\d+|NAME\d+|VAL\d+|QUANTIZ|DITHER0|BLANK|SIMPLE|TENSION|EXTEND|PCOUNT|GCOUNT))$/;

export function scalingCards(spec: ImageSpec): CardInput[] {
  if (spec.bitpix < 0) return [];
  const cards: CardInput[] = [];
  const { bscale = 1, bzero = 0, blank } = spec;
  if (bscale !== 1 || bzero !== 0)
    cards.push({ key: 'BSCALE', value: bscale }, { key: 'BZERO', value: bzero });
  if (blank !== undefined) cards.push({ key: 'BLANK', value: blank });
  return cards;
}

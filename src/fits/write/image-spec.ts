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

/** Cards that may be known only when the pixels are written. */
export interface LateCards {
  /** As many cards of 80 characters have room. Where there are fewer, blank ones keep the header as long where it has to be (FITS 4.0, section 4.4.2.4). */
  readonly most: number;
  readonly cards: Promise<readonly CardInput[]>;
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
  /** Of floats of 32 bits that are not compressed: what is not above it is written as NaN. Backends have blanks as such numbers. */
  readonly blankLimit?: number;
  /** EXTNAME. */
  readonly name?: string;
  /** Cards in order. Those the writer makes itself (BITPIX, NAXISn, BZERO, CHECKSUM, ...) are left out. */
  readonly cards?: readonly CardInput[];
  /** Behind all other cards, of an image that is not compressed: its header is written when they are there, whatever is written meanwhile. */
  readonly late?: LateCards;
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

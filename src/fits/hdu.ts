// What an opened file looks like to the rest of the house.
import type { Bitpix } from './bitpix.js';
import type { ByteSource } from './byte-source.js';
import type { FitsError } from './fits-error.js';
import type { FitsHeader } from './header.js';
import type { TileLayout } from './tiles/tile-layout.js';
import type { TileCache } from './tiles/tile-cache.js';

export type { Bitpix } from './bitpix.js';

/** An image as its pixels are asked for. For a compressed image `dataOffset`/`dataBytes` are those of its table. */
export interface ImageLayout {
  /** Type of the stored pixels: unsigned 8-bit, signed 16/32/64-bit integers, or IEEE floats. */
  readonly bitpix: Bitpix;
  /** Row-major, slowest axis first: `[..., ny, nx]` (NAXISn reversed). */
  readonly shape: readonly number[];
  /** physical = bzero + bscale * stored (section 5.3). */
  readonly bscale: number;
  readonly bzero: number;
  /** Stored integer that means "undefined"; reads as NaN. Never set for float images. */
  readonly blank?: number;
  readonly dataOffset: number;
  readonly dataBytes: number;
}

export type HduKind = 'image' | 'compressed-image' | 'bintable' | 'ascii-table' | 'random-groups' | 'other';

/** An HDU but for its header: what reading its pixels takes. */
export interface PixelHdu {
  /** 0 = primary. */
  readonly index: number;
  readonly kind: HduKind;
  /** EXTNAME, or `PRIMARY` for the primary HDU without one, or ''. */
  readonly name: string;
  readonly dataOffset: number;
  /** Bytes of data the header declares, padding excluded. */
  readonly dataBytes: number;
  /** Present for images, also those without pixels. */
  readonly image?: ImageLayout;
  /** Present for compressed images. */
  readonly tiles?: TileLayout;
  /** Set when the data is not all there or cannot be decoded; whoever reads this HDU's data is thrown it. */
  readonly problem?: FitsError;
}

export interface FitsHdu extends PixelHdu {
  /** The image's own header, also for a compressed image (Z-keywords translated, section 10.1). */
  readonly header: FitsHeader;
}

/** A file whose pixels can be read. */
export interface PixelFile {
  readonly source: ByteSource;
  readonly hdus: readonly PixelHdu[];
  readonly tileCache: TileCache;
  close(): Promise<void>;
}

export interface FitsFile extends PixelFile {
  readonly hdus: readonly FitsHdu[];
}

/** Axes of an image seen as planes of rows: a 1-D image has one row, leading axes are flattened into planes. */
export function planeGeometry(image: ImageLayout): { nx: number; ny: number; planes: number } {
  const { shape } = image;
  if (shape.length === 0) return { nx: 0, ny: 0, planes: 0 };
  const nx = shape[shape.length - 1];
  const ny = shape.length > 1 ? shape[shape.length - 2] : 1;
  return { nx, ny, planes: shape.slice(0, -2).reduce((product, axis) => product * axis, 1) };
}

// The files of the aesthetic product: linear float FITS, and stretched pictures of 16 bits for editors and walls.
import type { CelestialWcs } from '../astrometry/wcs/celestial-wcs.js';
import { createFitsWriter } from '../fits/write/create-fits-writer.js';
import type { CardInput } from '../fits/write/format-card.js';
import type { CompressionSpec } from '../fits/write/image-spec.js';
import type { AtomicOptions } from '../output/atomic-file.js';
import { bigEndianRows } from '../output/big-endian-rows.js';
import { northUp } from '../output/orientation.js';
import { rowsPerBlock, type PlaneSource } from '../output/sources/plane-source.js';
import { writePng } from '../output/png-writer.js';
import type { Stretch } from '../output/picture/stretch.js';
import { writeTiff16 } from '../output/integers/tiff-writer.js';
import { stretchedRows } from './stretched-rows.js';

export interface AestheticFits {
  readonly image: PlaneSource;
  /** WCS, provenance, and what was altered. */
  readonly cards: readonly CardInput[];
  readonly compression?: CompressionSpec;
}

/**
 * `<name>_aesthetic.fits`: float32, linear, `[ny, nx]` or `[3, ny, nx]`, NaN where there is no coverage. ZMROLE says that it is no
 * science product. @throws FitsError when the file cannot be written.
 */
export async function writeAestheticFits(
  path: string,
  { image, cards, compression }: AestheticFits,
  options: AtomicOptions = {},
): Promise<void> {
  const { nx, ny, planes } = image;
  const writer = await createFitsWriter(path, { temporaryPath: options.temporaryPath });
  try {
    await writer.beginImage({
      bitpix: -32,
      shape: planes === 1 ? [ny, nx] : [planes, ny, nx],
      cards: [{ key: 'ZMROLE', value: 'AESTHETIC', comment: 'altered for the eye; see HISTORY' }, ...cards],
      compression,
    });
    const blockRows = rowsPerBlock(nx, ny);
    const block = new Float32Array(blockRows * nx);
    for (let plane = 0; plane < planes; plane++) {
      for (let y0 = 0; y0 < ny; y0 += blockRows) {
        const rows = Math.min(blockRows, ny - y0);
        await image.readRows(plane, y0, rows, block);
        await writer.writeRows(block.subarray(0, rows * nx));
      }
    }
    await writer.endImage();
    await writer.commit();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

/** What a picture is made with. */
export interface PictureOptions extends AtomicOptions {
  readonly stretch: Stretch;
  /** Mirrors the picture so that north comes nearest to up and east to the left. */
  readonly wcs: CelestialWcs;
}

/** 16-bit TIFF of the stretched image. @throws OutputError when the file cannot be written. */
export async function writeAestheticTiff(
  path: string,
  image: PlaneSource,
  { stretch, wcs, ...options }: PictureOptions,
): Promise<void> {
  await writeTiff16(
    path,
    {
      width: image.nx,
      height: image.ny,
      channels: image.planes === 1 ? 1 : 3,
      description: JSON.stringify(stretch),
    },
    stretchedRows(image, stretch, northUp(wcs, image.nx, image.ny, { streaming: true })),
    options,
  );
}

/** 16-bit PNG of the stretched image. @throws OutputError when the file cannot be written. */
export async function writeAestheticPng(
  path: string,
  image: PlaneSource,
  { stretch, wcs, ...options }: PictureOptions,
): Promise<void> {
  await writePng(
    path,
    {
      width: image.nx,
      height: image.ny,
      channels: image.planes === 1 ? 1 : 3,
      depth: 16,
      text: { stretch: JSON.stringify(stretch) },
    },
    bigEndianRows(stretchedRows(image, stretch, northUp(wcs, image.nx, image.ny, { streaming: true }))),
    options,
  );
}

// 16-bit copies of the mosaic for viewers and picture editors: FITS, TIFF, PNG, all on one linear scale.
import type { CelestialWcs } from '../../astrometry/wcs/celestial-wcs.js';
import type { CardInput } from '../../fits/write/format-card.js';
import { createFitsWriter } from '../../fits/write/create-fits-writer.js';
import type { AtomicOptions } from '../atomic-file.js';
import { bigEndianRows } from '../big-endian-rows.js';
import { northUp } from '../orientation.js';
import { rowsPerBlock, type PlaneSource } from '../sources/plane-source.js';
import { writePng } from '../png-writer.js';
import { rows16 } from './rows-16bit.js';
import { fullRangeScale, SCALE_16_STEPS, toScale16, type Scale16 } from './scale-16bit.js';
import { writeTiff16 } from './tiff-writer.js';

/** What an export may be told. */
export interface Export16Options extends AtomicOptions {
  /** Default: the full range of the data, found by reading it once. */
  readonly scale?: Scale16;
  /** TIFF and PNG are mirrored by it so that north comes nearest to up and east to the left. */
  readonly wcs?: CelestialWcs;
}

/**
 * `<name>_viewer.fits`: unsigned 16-bit (BZERO 32768), `[ny, nx]` or `[3, ny, nx]`, rows as in the mosaic, 0 = no
 * coverage. ZMBLACK and ZMWHITE record the scale. `cards` (WCS, provenance) are copied. Returns the scale.
 * @throws FitsError when the file cannot be written.
 */
export async function exportViewerFits(
  path: string,
  source: PlaneSource,
  cards: readonly CardInput[],
  options: Export16Options = {},
): Promise<Scale16> {
  const { nx, ny, planes } = source;
  const scale = options.scale ?? (await fullRangeScale(source));
  const writer = await createFitsWriter(path, { temporaryPath: options.temporaryPath });
  try {
    await writer.beginImage({
      bitpix: 16,
      bzero: 32768,
      shape: planes === 1 ? [ny, nx] : [planes, ny, nx],
      cards: [...cards, ...scaleCards(scale)],
    });
    const blockRows = rowsPerBlock(nx, ny);
    const block = new Float32Array(blockRows * nx);
    const samples = new Uint16Array(block.length);
    for (let plane = 0; plane < planes; plane++) {
      for (let y0 = 0; y0 < ny; y0 += blockRows) {
        const count = Math.min(blockRows, ny - y0) * nx;
        await source.readRows(plane, y0, count / nx, block);
        for (let i = 0; i < count; i++) samples[i] = toScale16(block[i], scale);
        await writer.writeRows(samples.subarray(0, count));
      }
    }
    await writer.endImage();
    await writer.commit();
  } catch (error) {
    await writer.abort();
    throw error;
  }
  return scale;
}

/**
 * 16-bit TIFF, grey or RGB, BigTIFF beyond 4 GiB; 0 = no coverage. ImageDescription records the scale as JSON.
 * Returns the scale. @throws OutputError when the file cannot be written.
 */
export async function exportTiff16(
  path: string,
  source: PlaneSource,
  options: Export16Options = {},
): Promise<Scale16> {
  const scale = options.scale ?? (await fullRangeScale(source));
  await writeTiff16(
    path,
    {
      width: source.nx,
      height: source.ny,
      channels: source.planes === 1 ? 1 : 3,
      description: JSON.stringify({ black: scale.black, white: scale.white, steps: SCALE_16_STEPS }),
    },
    rows16(source, scale, northUp(options.wcs, source.nx, source.ny, { streaming: true })),
    options,
  );
  return scale;
}

/**
 * 16-bit PNG, grey or RGB; 0 = no coverage. Text chunks `black` and `white` record the scale. Returns the scale.
 * @throws OutputError when the file cannot be written.
 */
export async function exportPng16(
  path: string,
  source: PlaneSource,
  options: Export16Options = {},
): Promise<Scale16> {
  const scale = options.scale ?? (await fullRangeScale(source));
  const turn = northUp(options.wcs, source.nx, source.ny, { streaming: true });
  await writePng(
    path,
    {
      width: source.nx,
      height: source.ny,
      channels: source.planes === 1 ? 1 : 3,
      depth: 16,
      text: { black: String(scale.black), white: String(scale.white) },
    },
    bigEndianRows(rows16(source, scale, turn)),
    options,
  );
  return scale;
}

function scaleCards({ black, white }: Scale16): CardInput[] {
  return [
    { key: 'ZMBLACK', value: black, comment: 'value of DN 1' },
    { key: 'ZMWHITE', value: white, comment: 'value of DN 65535; DN 0 = no coverage' },
  ];
}

// The picture that a person looks at first: `<name>_preview.png`.
import type { CelestialWcs } from '../../astrometry/wcs/celestial-wcs.js';
import { binPlanes, hasBlanks, pictureAsIs } from './bin-planes.js';
import type { PictureImage } from './binned-image.js';
import { colourRows, type RowPainter } from './colour-rows.js';
import { FITS_UPRIGHT, northUp, screenRow, type Orientation } from '../orientation.js';
import type { PlaneSource } from '../sources/plane-source.js';
import { pngParts, writePngParts, type PngOptions } from '../png-writer.js';
import { planStretch } from './plan-stretch.js';
import { screenValues, type Stretch, type StretchOptions } from './stretch.js';

/** What the preview shows of a mosaic; everything has an automatic default. */
export interface PictureOptions extends StretchOptions {
  /** Longest side of the picture, pixels (default 3200). */
  readonly maxDim?: number;
  /** Which way up (the FITS convention unless told). */
  readonly orientation?: Orientation;
}

/** How the preview is made. */
export interface PreviewOptions extends Omit<PictureOptions, 'orientation'>, PngOptions {
  /** WCS of the source; with it the picture has north up and east left, as near as quarter turns allow. */
  readonly wcs?: CelestialWcs;
}

/** What was written, for the report. */
export interface PreviewResult {
  readonly width: number;
  readonly height: number;
  /** Mosaic pixels a preview pixel spans on each axis. */
  readonly factor: number;
  readonly stretch: Stretch;
  readonly orientation: Orientation;
}

const DEFAULT_MAX_DIM = 3200;

/**
 * Writes an 8-bit PNG of `source` (grey for one plane, RGB for three), atomically. Pixels without coverage are
 * transparent; an image that is covered everywhere has no alpha channel. Cosmetic only: nothing of it enters a
 * science output. Memory: about 4 bytes a picture pixel and plane and 4 a picture pixel, whatever the mosaic's size.
 * @throws OutputError when the file cannot be written.
 */
export async function writePreview(
  path: string,
  source: PlaneSource,
  options: PreviewOptions = {},
): Promise<PreviewResult> {
  const { wcs, temporaryPath, turn, ...shown } = options;
  const orientation = northUp(wcs, source.nx, source.ny);
  const { result, parts } = await previewParts(source, { ...shown, orientation });
  await writePngParts(path, parts, { temporaryPath, turn });
  return result;
}

/** The same picture as the bytes of its PNG, in parts that are made as they are asked for. */
export async function previewParts(
  source: PlaneSource,
  { maxDim = DEFAULT_MAX_DIM, orientation = FITS_UPRIGHT, ...options }: PictureOptions = {},
): Promise<{ readonly result: PreviewResult; readonly parts: AsyncGenerator<Uint8Array> }> {
  const image = (await pictureAsIs(source, maxDim)) ?? (await binPlanes(source, maxDim));
  const stretch = planStretch(image, options);
  const [width, height] = orientation.transpose ? [image.ny, image.nx] : [image.nx, image.ny];
  const hasAlpha = hasBlanks(image);
  const channels = (image.planes.length + (hasAlpha ? 1 : 0)) as 1 | 2 | 3 | 4;
  const rows = pictureRows(image, stretch, orientation, { height, hasAlpha });
  return {
    result: { width, height, factor: image.factor, stretch, orientation },
    parts: pngParts({ width, height, channels, depth: 8 }, rows),
  };
}

/** Rows from the top of the picture to its bottom; with alpha where the image has uncovered parts. */
function* pictureRows(
  image: PictureImage,
  stretch: Stretch,
  orientation: Orientation,
  { height, hasAlpha }: { readonly height: number; readonly hasAlpha: boolean },
): Generator<Uint8Array> {
  const paint = image.planes.length === 3 ? colourRows(image, stretch) : greyRows(image, stretch);
  const cover = hasAlpha ? (image.footprint ?? 'finite') : undefined;
  for (let y = 0; y < height; y++) yield paint(screenRow(orientation, image.nx, image.ny, y), cover);
}

/** The same for one plane. */
function greyRows(image: PictureImage, stretch: Stretch): RowPainter {
  const toScreen = screenValues(image, stretch);
  let row = new Uint8Array(0);
  const [plane] = image.planes;
  return (run, cover) => {
    const channels = cover ? 2 : 1;
    if (row.length !== run.length * channels) row = new Uint8Array(run.length * channels);
    toScreen(run, row, channels);
    if (cover) {
      for (let x = 0, at = run.start; x < run.length; x++, at += run.step) {
        const share = cover !== 'finite' ? cover[at] : Number.isFinite(plane[at]) ? 1 : 0;
        row[2 * x + 1] = 255 * share + 0.5; // storing cuts the fraction off
      }
    }
    return row;
  };
}

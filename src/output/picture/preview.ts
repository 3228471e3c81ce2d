// The picture that a person looks at first: `<name>_preview.png`.
import type { CelestialWcs } from '../../astrometry/wcs/celestial-wcs.js';
import { binPlanes } from './bin-planes.js';
import { colourRows, type RowPainter } from './colour-rows.js';
import { FITS_UPRIGHT, northUp, type Orientation } from '../orientation.js';
import type { PlaneSource } from '../sources/plane-source.js';
import { pngParts, writePngParts, type PngOptions } from '../png-writer.js';
import { hasBlanks, imageRows, rowsAsTheyAre, rowsOfTurn, type PictureRows } from './picture-rows.js';
import { planStretch } from './plan-stretch.js';
import { screenOf, type Stretch, type StretchOptions } from './stretch.js';

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
 * science output. Memory: where the mosaic is reduced or computed as it is read, about 4 bytes a picture pixel and plane and 4 a picture pixel; where it is turned by a quarter, 4 bytes a
 * picture pixel at most; else some rows.
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
  const fits = Math.max(source.nx, source.ny) <= maxDim;
  const image = await (fits ? rowsAsTheyAre(source) : binPlanes(source, maxDim).then(imageRows));
  const stretch = await planStretch(image, options);
  const [width, height] = orientation.transpose ? [image.ny, image.nx] : [image.nx, image.ny];
  const hasAlpha = await hasBlanks(image);
  const channels = (image.planes + (hasAlpha ? 1 : 0)) as 1 | 2 | 3 | 4;
  return {
    result: { width, height, factor: image.factor, stretch, orientation },
    parts: pngParts(
      { width, height, channels, depth: 8 },
      pictureRows(image, stretch, orientation, { channels, hasAlpha }),
    ),
  };
}

interface Pixels {
  readonly channels: number;
  /** Where the image has uncovered parts. */
  readonly hasAlpha: boolean;
}

/** Rows from the top of the picture to its bottom. */
async function* pictureRows(
  image: PictureRows,
  stretch: Stretch,
  { transpose, flipX, flipY }: Orientation,
  pixels: Pixels,
): AsyncGenerator<Uint8Array> {
  if (!transpose) return yield* paintedRows(image, stretch, { flipX, flipY }, pixels);
  // columns of an image that is read by rows: all of it is painted before
  const { nx, ny } = image;
  const { channels } = pixels;
  const painted = new Uint8Array(nx * ny * channels);
  let filled = 0;
  for await (const row of paintedRows(image, stretch, { flipX: flipY, flipY: flipX }, pixels)) {
    painted.set(row, filled);
    filled += row.length;
  }
  const row = new Uint8Array(ny * channels);
  for (let x = 0; x < nx; x++) {
    for (let y = 0, to = 0; y < ny; y++)
      for (let c = 0, at = (y * nx + x) * channels; c < channels; c++) row[to++] = painted[at++];
    yield row;
  }
}

/** Rows of the image as they lie, mirrored where told; what is yielded is overwritten with the next. */
async function* paintedRows(
  image: PictureRows,
  stretch: Stretch,
  { flipX, flipY }: Pick<Orientation, 'flipX' | 'flipY'>,
  { channels, hasAlpha }: Pixels,
): AsyncGenerator<Uint8Array> {
  const { nx, ny, footprint } = image;
  const paint = image.planes === 3 ? colourRows(stretch) : greyRows(stretch, channels);
  const most = rowsOfTurn(nx);
  for (let done = 0; done < ny; done += most) {
    const rows = Math.min(most, ny - done);
    const y0 = flipY ? ny - done - rows : done;
    const planes: Float32Array[] = [];
    for (let plane = 0; plane < image.planes; plane++) planes.push(await image.rows(plane, y0, rows));
    const cover = hasAlpha ? (footprint?.subarray(y0 * nx, (y0 + rows) * nx) ?? 'finite') : undefined;
    for (let k = 0; k < rows; k++) {
      const start = (flipY ? rows - 1 - k : k) * nx;
      yield paint(
        planes,
        flipX ? { start: start + nx - 1, step: -1, length: nx } : { start, step: 1, length: nx },
        cover,
      );
    }
  }
}

/** The same for one plane. */
function greyRows(stretch: Stretch, channels: number): RowPainter {
  const show = screenOf(stretch);
  let row = new Uint8Array(0);
  return (planes, run, cover) => {
    if (row.length !== run.length * channels) row = new Uint8Array(run.length * channels);
    show(planes, run, row, channels);
    if (cover) {
      for (let x = 0, at = run.start; x < run.length; x++, at += run.step) {
        const share = cover !== 'finite' ? cover[at] : Number.isFinite(planes[0][at]) ? 1 : 0;
        row[2 * x + 1] = 255 * share + 0.5; // storing cuts the fraction off
      }
    }
    return row;
  };
}

// The picture that a person looks at first: `<name>_preview.png`.
import type { CelestialWcs } from '../astrometry/wcs/celestial-wcs.js';
import type { AtomicOptions } from './atomic-file.js';
import { binPlanes, type BinnedImage } from './bin-planes.js';
import { northUp, screenRow, type Orientation } from './orientation.js';
import type { PlaneSource } from './plane-source.js';
import { writePng } from './png-writer.js';
import { planStretch, screenValues, type Stretch, type StretchOptions } from './stretch.js';

/** How the preview is made; everything has an automatic default. */
export interface PreviewOptions extends StretchOptions, AtomicOptions {
  /** Longest side of the picture, pixels (default 3200). */
  readonly maxDim?: number;
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
  const image = await binPlanes(source, options.maxDim ?? DEFAULT_MAX_DIM);
  const stretch = planStretch(image, options);
  const orientation = northUp(options.wcs, source.nx, source.ny);
  const [width, height] = orientation.transpose ? [image.ny, image.nx] : [image.nx, image.ny];
  const hasAlpha = image.footprint.some((share) => share < 1);
  const channels = (image.planes.length + (hasAlpha ? 1 : 0)) as 1 | 2 | 3 | 4;
  await writePng(
    path,
    { width, height, channels, depth: 8 },
    pictureRows(image, stretch, orientation, { width, height, channels, hasAlpha }),
    { temporaryPath: options.temporaryPath },
  );
  return { width, height, factor: image.factor, stretch, orientation };
}

function* pictureRows(
  image: BinnedImage,
  stretch: Stretch,
  orientation: Orientation,
  {
    width,
    height,
    channels,
    hasAlpha,
  }: { width: number; height: number; channels: number; hasAlpha: boolean },
): Generator<Uint8Array> {
  const toScreen = screenValues(image, stretch);
  const row = new Uint8Array(width * channels);
  for (let y = 0; y < height; y++) {
    const run = screenRow(orientation, image.nx, image.ny, y);
    toScreen(run, row, channels);
    if (hasAlpha) {
      for (let x = 0, at = run.start; x < width; x++, at += run.step)
        row[(x + 1) * channels - 1] = 255 * image.footprint[at] + 0.5; // storing cuts the fraction off
    }
    yield row;
  }
}

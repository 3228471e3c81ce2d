// Pictures of frames with the stars that were found in them, for `solve`.
import type { StarCatalogue } from '../../astrometry/catalogue/star-catalogue.js';
import type { SolveHint, SolveResult } from '../../astrometry/solver/solve-types.js';
import { matchInFrame, starsInFrame } from '../../astrometry/solver/stars-in-frame.js';
import type { FramePixels } from '../../astrometry/stars/frame-pixels.js';
import type { StarList } from '../../astrometry/stars/star-list.js';
import { ensureDir } from '../../cleanup/ensure-dir.js';
import { frameLuminance } from '../../output/star-picture/luminance.js';
import { writeStarPicture } from '../../output/star-picture/star-picture.js';
import { outputBeside } from './solution-header.js';

/** Catalogue stars drawn and matched: beyond, a picture shows nothing but signs. */
const MAX_CATALOGUE_STARS = 900;
/** A star counts as matched within 3.6 standard deviations of a coordinate, as in the fit, within these bounds (pixels). */
const MATCH_SIGMA = 3.6;
const [LEAST_RADIUS, LARGEST_RADIUS] = [1.5, 4];

export class SolvePictures {
  readonly #taken = new Set<string>();

  constructor(
    private readonly catalogue: StarCatalogue,
    private readonly options: { readonly folder: string; readonly overlay: boolean },
  ) {}

  /** Writes `<name>.stars.png`. @throws DirectoryError, OutputError. */
  async draw(
    file: string,
    pixels: FramePixels,
    stars: StarList,
    { epoch }: SolveHint,
    result: SolveResult,
  ): Promise<void> {
    const { folder, overlay } = this.options;
    await ensureDir(folder, '--picture');
    const { width, height } = pixels;
    const base = { width, height, luminance: frameLuminance(pixels), detected: stars };
    const target = outputBeside(folder, file, '.stars.png', this.#taken);
    if (!result.solved) return writeStarPicture(target, base);
    const { wcs, rmsPx } = result;
    const sky = starsInFrame(this.catalogue, epoch, wcs, { width, height }, MAX_CATALOGUE_STARS);
    const radius = Math.min(LARGEST_RADIUS, Math.max(LEAST_RADIUS, (MATCH_SIGMA * rmsPx) / Math.SQRT2));
    const pairs = matchInFrame(sky, wcs, stars, radius);
    const matched = {
      x: pairs.map(({ image }) => stars.x[image]),
      y: pairs.map(({ image }) => stars.y[image]),
    };
    return writeStarPicture(target, { ...base, matched, wcs, ...(overlay && { overlay: sky }) });
  }
}

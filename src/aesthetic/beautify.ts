// The aesthetic product, step by step: what is found on a reduced picture of the mosaic becomes corrections of its rows.
import { binPlanes } from '../output/picture/bin-planes.js';
import type { BinnedImage } from '../output/picture/binned-image.js';
import type { PlaneSource } from '../output/sources/plane-source.js';
import { imageRows } from '../output/picture/picture-rows.js';
import { neutralSky } from '../output/picture/sky-colour.js';
import { skyLevel, sortedSample } from '../output/picture/sky-statistics.js';
import { starGains } from '../output/picture/star-balance.js';
import { planStretch } from '../output/picture/plan-stretch.js';
import type { Stretch } from '../output/picture/stretch.js';
import type { AestheticReport } from '../report/aesthetic-report.js';
import {
  extractBackground,
  type Background,
  type BackgroundLimits,
  type BackgroundStrength,
} from './background.js';
import { calibrateColours, type ColourStar } from './colour-calibration.js';
import { correctedSource, type RowSurface } from '../output/sources/corrected-source.js';
import { fillHoles, type HoleOptions } from './fill-holes.js';
import type { EvenLight } from '../quality/even-light.js';
import type { HealStrength } from './heal-seams.js';
import { thinPlanes } from './thin-planes.js';

/** Which steps are taken. */
export interface AestheticSteps {
  /** What the mosaic was blended of before. */
  readonly blend?: AestheticReport['blend'];
  /** Seams that were healed before, and what that was worth. */
  readonly seams?: EvenLight & { readonly strength: HealStrength };
  readonly background: BackgroundStrength | BackgroundLimits | undefined;
  readonly colour: boolean;
  readonly blackPoint: boolean;
  /** How holes are filled; undefined: they stay. */
  readonly holes?: HoleOptions;
}

/** The product, by rows, with what a picture of it needs and what was done. */
export interface Beautified {
  readonly image: PlaneSource;
  readonly stretch: Stretch;
  readonly report: AestheticReport;
}

/** The reduced picture: structures of the sky are far larger than its bins. */
const WORK_DIM = 1024;
/** Pixels whose statistics decide the stretch. */
const STRETCH_PIXELS = 1 << 20;

/**
 * Takes the steps on `mosaic` and returns the product; the mosaic is read, never written. `colourStars` measures stars of the catalogue on it, where
 * one is to be had. Memory: the reduced picture (at most 1024 x 1024 bins) and 2^20 pixels a plane, whatever the mosaic's size, and what `fillHoles` needs.
 */
export async function beautify(
  mosaic: PlaneSource,
  steps: AestheticSteps,
  colourStars: () => Promise<readonly ColourStar[]>,
): Promise<Beautified> {
  const image = await binPlanes(mosaic, WORK_DIM);
  if (steps.seams) subtract(image, steps.seams.surfaces, mosaic.nx);
  const background = steps.background && extractBackground(image, mosaic, steps.background);
  if (background?.surfaces) subtract(image, background.surfaces, mosaic.nx);
  const colour = steps.colour && mosaic.planes === 3 ? await whiteBalance(image, colourStars) : null;
  const skies = await skyLevels(image, background?.levels);
  // what is blank has no sky
  const told = skies.filter((sky) => sky !== undefined);
  const pedestal = told.reduce((sum, sky) => sum + sky, 0) / Math.max(1, told.length);
  const corrected = correctedSource(
    mosaic,
    skies.map((sky = pedestal, p) => ({
      surfaces: [steps.seams?.surfaces[p], background?.surfaces?.[p]].filter((s) => s !== undefined),
      // a surface takes the level off with the shape
      offset: (steps.blackPoint ? sky : 0) - (background?.surfaces ? sky : 0),
      gain: colour?.gains[p] ?? 1,
      pedestal: steps.blackPoint ? pedestal : 0,
    })),
  );
  const shownSky = skies.map((sky = pedestal, p) =>
    steps.blackPoint ? pedestal : sky * (colour?.gains[p] ?? 1),
  );
  const stretch = await planStretch(imageRows(await thinPlanes(corrected, STRETCH_PIXELS)), {
    starBalance: false,
    sky: shownSky,
  });
  const holes = steps.holes && (await fillCorrected(corrected, steps.holes, colour?.gains));
  return {
    image: holes?.image ?? corrected,
    stretch,
    report: {
      blend: steps.blend ?? null,
      seams: steps.seams ? seamsReport(steps.seams) : null,
      background: background && steps.background ? backgroundReport(background, steps.background) : null,
      colour,
      black_point: steps.blackPoint
        ? { sky_adu: skies.map((sky = pedestal) => rounded(sky)), pedestal_adu: rounded(pedestal) }
        : null,
      holes: holes
        ? { radius_px: steps.holes!.radiusPx, filled: [...holes.filled], left: [...holes.left] }
        : null,
    },
  };
}

/** The holes of the product are filled last, when it is even: what is interpolated is scaled as its uncertainty. */
function fillCorrected(image: PlaneSource, options: HoleOptions, gains: readonly number[] = []) {
  const scaled = correctedSource(
    options.uncertainty,
    Array.from({ length: image.planes }, (_, p) => ({
      surfaces: [],
      offset: 0,
      gain: gains[p] ?? 1,
      pedestal: 0,
    })),
  );
  return fillHoles(image, { ...options, uncertainty: scaled });
}

/** Level of the sky per plane: the background's, or, where the mosaic has too little of one for it, the preview's; undefined for a blank plane. */
async function skyLevels(
  image: BinnedImage,
  background: readonly number[] | undefined,
): Promise<(number | undefined)[]> {
  const levels = background?.every(Number.isFinite)
    ? background
    : await neutralSky(
        imageRows(image),
        image.planes.map((plane) => skyLevel(sortedSample(plane))),
      );
  return levels.map((level, p) => (image.planes[p].some(Number.isFinite) ? level : undefined));
}

/** Takes surfaces over a mosaic of `width` columns off its reduced picture. */
function subtract(image: BinnedImage, surfaces: readonly (RowSurface | undefined)[], width: number): void {
  const { nx, ny, factor, planes } = image;
  surfaces.forEach((surface, p) => {
    if (!surface) return;
    const row = new Float64Array(width);
    for (let y = 0; y < ny; y++) {
      surface.row((y + 0.5) * factor - 0.5, row);
      for (let x = 0; x < nx; x++)
        planes[p][y * nx + x] -= row[Math.min(width - 1, Math.floor((x + 0.5) * factor))];
    }
  });
}

async function whiteBalance(
  image: BinnedImage,
  colourStars: () => Promise<readonly ColourStar[]>,
): Promise<NonNullable<AestheticReport['colour']>> {
  const stars = await colourStars();
  const fit = calibrateColours(stars);
  if (fit) {
    return {
      white: 'catalogue',
      gains: fit.gains.map(rounded),
      stars: fit.stars,
      scatter_dex: [rounded(fit.red.scatter), rounded(fit.blue.scatter)],
      slope_dex_per_mag: [rounded(fit.red.slope), rounded(fit.blue.slope)],
    };
  }
  const gains = await starGains(
    imageRows(image),
    image.planes.map((plane) => skyLevel(sortedSample(plane))),
  );
  const isTold = gains.some((gain) => gain !== 1);
  return { white: isTold ? 'field_stars' : 'none', gains: gains.map(rounded), stars: stars.length };
}

function seamsReport({ strength, places, before, after, largest }: NonNullable<AestheticSteps['seams']>) {
  const [step_before_adu, step_after_adu, largest_adu] = [before, after, largest].map((v) => v.map(rounded));
  return { strength, places, step_before_adu, step_after_adu, largest_adu };
}

function backgroundReport(background: Background, strength: BackgroundStrength | BackgroundLimits) {
  return {
    strength: typeof strength === 'string' ? strength : ('custom' as const),
    shape: background.surfaces ? ('surface' as const) : ('level' as const),
    sky_share: rounded(background.skyShare),
    removed_adu: background.ranges.map(rounded),
    residual_adu: background.residuals.map(rounded),
  };
}

/** Five digits: what is reported is what is applied. */
const rounded = (value: number) => Number(value.toPrecision(5));

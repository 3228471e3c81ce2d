// What phases know, in the words and units of the run report.
import type { Adjustment } from '../../astrometry/adjust/adjust-types.js';
import { starsFound } from '../../astrometry/stars/brightest-stars.js';
import type { RunReport } from '../../report/run-report.js';
import { starParts } from './plan-warnings.js';
import type { Cell } from '../planning/cells/cells.js';
import type { GainPlan } from '../planning/gain-plan.js';
import type { IntegrationPlan } from '../planning/integration-plan.js';
import type { FrameQuality } from '../planning/frames/judge-frames.js';
import type { OutputGrid } from '../planning/grid/output-grid.js';
import type { MeasuredFrame } from '../planning/grid/placed-frame.js';
import { lengthPx } from '../planning/trail-plan.js';
import type { Product } from '../product.js';
import { rangesOf } from './ranges.js';
import type { BackendShare } from '../run-backend.js';

/** The parts of the report that a phase may know. */
export type RunFacts = Partial<
  Pick<
    RunReport,
    | 'resumed'
    | 'grid'
    | 'output'
    | 'astrometry'
    | 'backend'
    | 'backends'
    | 'samples'
    | 'levels'
    | 'gains'
    | 'transparency_colour'
    | 'trails'
    | 'photons'
    | 'product'
    | 'two_pass'
    | 'aesthetic'
  >
>;

/** Where cells lie is only told when several backends shared them. */
export function backendFacts(shares: readonly BackendShare[], cells: readonly Cell[]): RunFacts {
  const backends = shares.map(({ info: { name, device, hardware }, cells: indices }) => ({
    name,
    device,
    hardware,
    cells: rangesOf(indices),
    ...(shares.length > 1 && { cell_rects: indices.map((index) => cells[index].rect) }),
  }));
  return { backends };
}

/** How well stars have placed the frames that they have placed. */
export function solvedFacts(frames: readonly MeasuredFrame[]): NonNullable<RunReport['inputs']['solved']> {
  return frames.flatMap(({ record, solution }) =>
    solution
      ? {
          path: record.path,
          matched: solution.matched,
          rms_px: Number(solution.rmsPx.toFixed(3)),
          ...(solution.by !== undefined && { by: solution.by }),
        }
      : [],
  );
}

/** A figure that stars could not tell is absent. */
export function astrometryFacts(frames: readonly MeasuredFrame[], adjustment: Adjustment): RunFacts {
  const px = (name: string, value: number) =>
    Number.isNaN(value) ? {} : { [name]: Number(value.toFixed(4)) };
  return {
    astrometry: {
      header_wcs_refined: adjustment.refined,
      ...px('header_rms_before_px', adjustment.givenBeforePx),
      ...px('header_rms_px', adjustment.givenAfterPx),
      frames: frames.map(({ record }, f) => {
        const of = adjustment.frames[f];
        return {
          path: record.path,
          adjusted: of.adjusted,
          links: of.links,
          catalogue_links: of.catalogueLinks,
          ...px('rms_before_px', of.rmsBeforePx),
          ...px('rms_px', of.rmsPx),
          ...px('catalogue_rms_px', of.catalogueRmsPx),
          ...px('moved_px', of.movedPx),
        };
      }),
    },
  };
}

/** What pixels and stars told of each frame; what they did not is undefined. */
export function measuredFacts(
  frames: readonly MeasuredFrame[],
  quality: readonly FrameQuality[],
): NonNullable<RunReport['inputs']['measured']> {
  const known = (value: number, digits: number) =>
    Number.isFinite(value) ? Number(value.toFixed(digits)) : undefined;
  return frames.map(({ record, measure, stars }, f) => ({
    path: record.path,
    background_adu: measure.background.level.map((level) => Number(level.toFixed(2))),
    noise_adu: measure.background.noise.map((noise) => Number(noise.toFixed(3))),
    stars: starsFound(stars),
    fwhm_arcsec: known(quality[f].fwhmArcsec, 3),
    ellipticity: known(quality[f].ellipticity, 3),
    transparency: known(quality[f].transparency, 3),
  }));
}

/** Angles in degrees, the scale in arc seconds a pixel. */
export function gridFacts(grid: OutputGrid): RunFacts {
  return {
    grid: {
      width_px: grid.nx,
      height_px: grid.ny,
      pixel_scale_arcsec: grid.scaleArcsec,
      center_ra_deg: grid.centre[0],
      center_dec_deg: grid.centre[1],
      rotation_deg: grid.rotationDeg,
      projection: grid.wcs.describe().projection,
    },
  };
}

/** What of the grid was saved: size, scale, and the first pixel, 0-based on the grid. */
export function outputFacts({ mosaic, scaleArcsec, window, binning }: Product): RunFacts {
  return {
    output: {
      width_px: mosaic.nx,
      height_px: mosaic.ny,
      pixel_scale_arcsec: scaleArcsec,
      first_column_px: window.x0,
      first_row_px: window.y0,
      binning,
    },
  };
}

/** The part of the plan that frames are brought to each other by. */
export type MatchedPlan = Pick<IntegrationPlan, 'gains' | 'solutions' | 'gauges' | 'photonGroups' | 'trails'>;

/** `colours`: as the gain plan has them, where the gains are its own. */
export function matchFacts(plan: MatchedPlan, colours?: GainPlan['colours']): RunFacts {
  return {
    levels: levelFacts(plan),
    gains: gainFacts(plan),
    photons: plan.photonGroups.map(({ frames, electronsPerAdu, toldBy, relativeError }) => ({
      frames: frames.length,
      told_by: toldBy,
      electrons_per_adu: electronsPerAdu?.map((v) => Number(v.toPrecision(4))) ?? null,
      error_percent: relativeError === undefined ? null : percent(relativeError),
    })),
    trails: {
      found: plan.trails.found,
      repeated: plan.trails.repeated,
      frames: plan.trails.leftOut.filter((of) => of.length > 0).length,
      length_px: plan.trails.leftOut.flat().reduce((sum, trail) => sum + lengthPx(trail), 0),
    },
    ...(colours && {
      transparency_colour: {
        frames_percent: percent(colours.frameColour),
        groups_percent: percent(colours.groupColour),
      },
    }),
  };
}

/** By channel; channels of which no frame was measured are left out. */
function gainFacts({ gains }: Pick<IntegrationPlan, 'gains'>): NonNullable<RunFacts['gains']> {
  return gains.flatMap((solution) => {
    const measured = solution.gains.filter((gain) => !Number.isNaN(gain));
    if (measured.length === 0) return [];
    return {
      least: Math.min(...measured),
      most: Math.max(...measured),
      frames_measured: measured.length,
      residual_scale: solution.residualScale,
      ...(solution.component && { components: starParts(solution) }),
    };
  });
}

/** By channel. */
function levelFacts({
  solutions,
  gauges,
}: Pick<IntegrationPlan, 'solutions' | 'gauges'>): NonNullable<RunFacts['levels']> {
  return solutions.map(({ components, residualScale, outlierFraction, converged }, channel) => ({
    components,
    residual_scale: residualScale,
    outlier_fraction: outlierFraction,
    converged,
    sky: gauges[channel].map(({ gradientX, gradientY, offset, evidence, levelEvidence }) => ({
      told_by: evidence,
      gradient_x_adu_per_deg: gradientX,
      gradient_y_adu_per_deg: gradientY,
      offset_adu: offset,
      level_told_by: levelEvidence,
    })),
  }));
}

/** Three digits; null where it is not known. */
function percent(width: number): number | null {
  return Number.isNaN(width) ? null : Number((100 * width).toPrecision(3));
}

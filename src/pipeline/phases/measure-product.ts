// What the finished mosaic is worth: its stars, its edges and its sky, before anything is written, so that the header can say it.
import { nearestPoints } from '../../quality/nearest-points.js';
import { cataloguePlacement, framePlacement } from '../../quality/placement.js';
import { rms } from '../../quality/robust.js';
import { seamResidual, type SeamStep } from '../../quality/seams.js';
import { noiseFigures, SQUARE_PX, type NoiseSquare } from '../../quality/sky-noise.js';
import { byNumber, chooseStars, type FrameStars } from '../../quality/star-table.js';
import { starDeviations, zeroPoint, type StarDeviation } from '../../quality/zero-point.js';
import type { ChannelQuality, FrameQuality, ProductQuality } from '../../report/product-quality.js';
import { finishedCanvases } from '../canvas/finished-canvases.js';
import { catalogueOver } from '../catalogue-over.js';
import { planGains } from '../planning/gain-plan.js';
import { gainFrames } from '../planning/integration-plan.js';
import { frameExtent } from '../planning/grid/frame-extent.js';
import { outlineOnGrid } from '../planning/grid/output-grid.js';
import type { PlannedRun } from '../planning/planned-run.js';
import { shareStars } from '../planning/frames/shared-stars.js';
import { typicalFwhm } from '../planning/typical-fwhm.js';
import type { ProductThreads } from '../product-work/product-threads.js';
import { besides } from '../besides.js';
import type { Computing } from '../run-backend.js';
import type { RunContext } from '../run-context.js';
import type { Assembled } from './assembly.js';
import { FrameFinder, quietSquares } from './frame-finder.js';
import { measureHalves, PLACE_PX } from './measure-halves.js';

/** The figures, and the places that they come from, for the pictures of the report. */
export interface MeasuredProduct {
  readonly quality: ProductQuality;
  /** Outlines of the frames on the mosaic, 0-based x, y pairs. */
  readonly outlines: readonly Float64Array[];
  readonly seams: readonly SeamStep[];
  readonly squares: readonly NoiseSquare[];
  /** Of the middle channel. */
  readonly deviations: readonly StarDeviation[];
}

export async function measureProduct(
  context: RunContext,
  { frames, plan, integration }: PlannedRun,
  assembled: Assembled,
  computing: Computing,
  threads: ProductThreads,
): Promise<MeasuredProduct> {
  const { grid, planes } = plan;
  const canvases = finishedCanvases(assembled, integration);
  const outlines = frames.map((frame) => outlineOnGrid(frameExtent(frame, context.config), grid));
  const quiet = quietSquares(outlines, grid.nx, grid.ny, PLACE_PX);
  // of frames that an earlier run has integrated the files may be gone
  const readable = quiet.map((square) => ({
    ...square,
    frames: square.frames.filter((f) => frames[f].held?.readable ?? true),
  }));
  // the backend computes these while this thread looks at the mosaic
  const [halves, { table, frameStars, onMosaic, placements, found, seams, squares }] = await besides(
    measureHalves(context, plan, integration, readable, computing),
    measurePlaces(),
  );
  const finder = new FrameFinder(outlines, SQUARE_PX);
  const covering = new Map(squares.map((square) => [square, finder.covering(square)]));
  const near = nearestPoints(squares, seams);
  const squareNear = new Map(seams.map((step, i) => [step, squares[near[i]]]));
  // what stars tell, whatever the fluxes were matched by
  const solutions =
    context.config.stacking_normalize_method === 'global'
      ? integration.gains
      : planGains(grid, gainFrames(frames, context.config, integration.photonGroups)).solutions;
  let deviations: StarDeviation[] = [];
  const channels = channelNames(planes).map((name, c): ChannelQuality => {
    const ofChannel = starDeviations(frameStars, Array.from(solutions[c].gains), c, table, onMosaic);
    if (c === planes >> 1) deviations = ofChannel;
    const zero = zeroPoint(ofChannel, grid.nx, grid.ny);
    const seam = seamResidual(seams, c, (step) => squareNear.get(step)?.stated[c] ?? NaN);
    const noise = noiseFigures(squares, c, (square) => {
      const members = covering.get(square);
      if (!members) return NaN;
      const sum = members.reduce((s, f) => s + integration.frames[f].inverseVariances[c], 0);
      return 1 / Math.sqrt(sum);
    });
    return {
      name,
      zero_point: {
        stars: zero.stars,
        scatter_percent: figure(zero.scatter),
        flatness_percent: figure(zero.flatness),
      },
      seam: {
        places: seam.places,
        step_adu: figure(seam.step),
        worst_adu: seam.places > 0 ? figure(seam.worst) : null,
        worst_over_noise: seam.places > 0 ? figure(seam.worstOverNoise) : null,
      },
      noise: {
        squares: noise.squares,
        stated_adu: figure(noise.stated),
        scatter_adu: figure(noise.scatter),
        halves_chi2: figure(halves[c]?.pixelChi2 ?? NaN),
        halves_aperture_chi2: figure(halves[c]?.apertureChi2 ?? NaN),
        over_ideal: figure(noise.statedOverIdeal * Math.sqrt(halves[c]?.pixelChi2 ?? NaN)),
      },
    };
  });

  const shifts = placements.map(({ shift }) => Math.hypot(...shift)).filter((v) => !Number.isNaN(v));
  const stars = placements.map((p) => p.rms).filter((v) => !Number.isNaN(v));
  return {
    outlines,
    seams,
    squares,
    deviations,
    quality: {
      astrometry: {
        stars: onMosaic.size,
        star_rms_px: figure(rms(stars)),
        frame_shift_rms_px: figure(rms(shifts)),
        frame_shift_worst_px: shifts.length > 0 ? figure(Math.max(...shifts)) : null,
        catalogue: found
          ? {
              stars: found.stars,
              rms_arcsec: rounded(found.rms),
              rms_px: rounded(found.rms / grid.scaleArcsec),
              shift_arcsec: [rounded(found.shift[0]), rounded(found.shift[1])],
            }
          : null,
      },
      channels,
      frames: frames.map(({ record, measure }, f): FrameQuality => {
        const { stars: count, shift, rms: scatter } = placements[f];
        return {
          path: record.path,
          stars: count,
          shift_px: [figure(shift[0]), figure(shift[1])],
          rms_px: figure(scatter),
          gain: integration.frames[f].levels.map(({ gain }) => rounded(gain)),
          noise_adu: measure.background.noise.map(rounded),
        };
      }),
    },
  };

  /** Stars, steps at edges and noise, on the mosaic as it is. */
  async function measurePlaces() {
    const shared = shareStars(grid, frames);
    const frameStars = frames.map(({ stars }, f): FrameStars => ({ stars, ...shared[f] }));
    const table = chooseStars(frameStars, grid.nx, grid.ny);
    const expected = table.map(({ x, y }) => ({ x, y }));
    const stars = threads.begin('stars', { expected, fwhmPx: typicalFwhm(frames, plan) }, canvases);
    const steps = threads.begin('steps', { outlines, quiet: quiet.map(({ x, y }) => ({ x, y })) }, canvases);
    const noise = threads.begin('noise', {}, canvases);
    const measured = await stars();
    const onMosaic = byNumber(table, measured);
    const placements = frameStars.map((list) => framePlacement(list, onMosaic));
    const found = cataloguePlacement(onMosaic.values(), grid.wcs, await catalogueOver(grid, frames));
    const [seams, squares] = [await steps(), await noise()];
    return { table, frameStars, onMosaic, placements, found, seams, squares };
  }
}

function channelNames(planes: number): string[] {
  return planes === 3 ? ['R', 'G', 'B'] : ['L'];
}

/** Four digits: what is measured is known no better, and a report is read by people. */
const rounded = (value: number) => Number(value.toPrecision(4));
const figure = (value: number) => (Number.isFinite(value) ? rounded(value) : null);

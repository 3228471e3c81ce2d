// From measured frames to what the integration needs: levels, gains, weights, hot-pixel thresholds.
import type { RunConfig } from '../../config/table.js';
import { storesInt16 } from '../../frames/frame-record.js';
import { medianOf } from '../../photometry/mesh-repair.js';
import { frameWeights, sampleVariances } from '../../photometry/frame-weights.js';
import { guardSlope, pairSlope } from '../../photometry/guard-slope.js';
import { hotPixelThresholds } from '../../photometry/background/hot-pixel-threshold.js';
import type { GainSolution } from '../../photometry/gains/gain-solve.js';
import type { LevelOrder } from '../../photometry/levels/level-polynomial.js';
import type { LevelSolution } from '../../photometry/levels/level-solve.js';
import { varianceFactors } from '../../photometry/noise/noise-propagation.js';
import type { IntegrationFrame, SensorLayout } from '../integrate/windows/integration-frame.js';
import { photonField, type PhotonField } from '../uncertainty/photon-field.js';
import { photonGroups, type PhotonGroup } from '../uncertainty/photon-gains.js';
import type { DefectMap } from '../integrate/windows/repair-defects.js';
import type { MeasuredFrame } from './grid/placed-frame.js';
import { coverageGains } from './coverage-renorm.js';
import type { Disc } from '../../photometry/background/disc-pixels.js';
import { planGains, type GainFrame, type GainPlan } from './gain-plan.js';
import { frameEdges } from './grid/frame-extent.js';
import { leftOutPixels } from './left-out-pixels.js';
import { flatLevels, planLevels, type LevelPlan } from './sky/level-plan.js';
import type { MosaicPlan } from './mosaic-plan.js';
import { leavesOutTrails, planTrails, type TrailPlan } from './trail-plan.js';
import { planSkyLines, type SkyLineGains } from './sky-line-gains.js';

export interface IntegrationPlan {
  readonly frames: readonly IntegrationFrame[];
  /** Level solutions per channel; empty when levels are left as they are. */
  readonly solutions: readonly LevelSolution[];
  /** Degree of the level surfaces. */
  readonly levelOrder: LevelOrder;
  /** What was taken from the sky of each connected part, per channel. */
  readonly gauges: LevelPlan['gauges'];
  /** Gain solutions per channel, by stars, which have parts, or by the sky; empty when fluxes are left as they are. */
  readonly gains: readonly (Pick<GainSolution, 'gains' | 'residualScale'> &
    Partial<Pick<GainSolution, 'component'>>)[];
  readonly unusualGains: GainPlan['unusual'];
  /** Frames that lines through the sky say nothing of, and those whose line could not be believed; nothing by other methods. */
  readonly skyLines?: Pick<SkyLineGains, 'flat' | 'unlikely'>;
  /** Trails that are left out of the frames that show them. */
  readonly trails: TrailPlan;
  /** How far frames may differ at stars, by the spread of their seeing; see the guard for few frames. */
  readonly guardSlope: number;
  /** And where two overlap. */
  readonly pairSlope: number;
  /** Samples are combined by their median, whose standard deviation is larger than 1/sqrt(sum of weights). */
  readonly medianCombined: boolean;
  /** What is known of the photons of each frame, and what those of a pixel's own light add to its variance; absent where no gain is known. */
  readonly photonGroups: readonly PhotonGroup[];
  readonly photons?: PhotonField;
}

/** `defects`: of the frames whose sensors have some that are known by their place. `base`: how the levels of the mosaic were matched that frames are added to. */
export function planIntegration(
  measured: readonly MeasuredFrame[],
  plan: MosaicPlan,
  config: RunConfig,
  byStars: StarGains = starGains(measured, plan, config),
  base?: Pick<IntegrationPlan, 'levelOrder' | 'gauges'>,
  defects?: ReadonlyMap<MeasuredFrame, DefectMap>,
): IntegrationPlan {
  const seen = measured.map(({ record, wcs, measure, tile }, f) => ({
    wcs,
    nx: record.width,
    ny: record.height,
    spans: plan.spans[f],
    grid: measure.background.grid,
    sparsity: sparsityOf(record.sensor, plan.planes),
    covers: tile?.covers,
  }));
  const matchedGains = gainsOf(measured, plan, config, byStars, seen);
  const gains = config.two_pass_coverage_renorm
    ? renormalised(matchedGains.gains, plan, config)
    : matchedGains.gains;
  const levelFrames = seen.map((frame, f) => ({
    ...frame,
    gains: gains[f],
    held: measured[f].held?.levels,
  }));
  const matched =
    config.stacking_normalize_method === 'none'
      ? { levels: flatLevels(levelFrames), solutions: [], order: 0 as const, gauges: [] }
      : planLevels(plan.grid, levelFrames, {
          order:
            base?.levelOrder ??
            (config.stacking_normalize_method === 'global' ? (config.level_match_order as LevelOrder) : 0),
          flattensSky: config.sky_gradient === 'remove',
        });
  const relative = relativeNoise(measured);
  const factors = measured.map(({ record }) => factorsOf(record.sensor, config, relative));
  const inverseVariances = inverseVariancesOf(measured, gains, factors);
  const weights = weightsOf(measured, inverseVariances, config);
  const guardsStars = config.few_frames_guard && config.stacking_rejection_algorithm !== 'none';
  const spoiltOf = measured.map(({ tile }, f) => (guardsStars && !tile ? byStars.spoilt[f] : []));
  const trails = trailsOf(measured, spoiltOf, plan, config);
  const frames = measured.map((frame, f): IntegrationFrame => {
    const { record, wcs, readPath, measure, calibration, tile } = frame;
    const broken = defects?.get(frame);
    const sites = record.sensor.kind === 'cfa' ? record.sensor.sites : undefined;
    const edges = frameEdges(record.width, record.height, config);
    const leftOut = leftOutPixels(spoiltOf[f], trails.leftOut[f], record.width, record.height);
    return {
      path: readPath,
      hdu: record.hdu,
      nx: record.width,
      ny: record.height,
      wcs,
      sensor: layoutOf(record.sensor),
      isInt16: storesInt16(record),
      ...(calibration && { calibration }),
      ...(broken && { defects: broken }),
      ...(leftOut.length > 0 && { leftOut }),
      // the defects of a tile were its maker's
      hotPixelThresholds:
        config.hot_pixel_correction && !tile
          ? hotPixelThresholds(measure.background.noise, config.hot_pixel_sigma, sites)
          : undefined,
      levels: matched.levels[f],
      weights: weights[f],
      inverseVariances: inverseVariances[f],
      varianceFactors: weights[f].map((_, c) => factors[f][factors[f].length === 1 ? 0 : c]),
      ...(edges.x + edges.y > 0 && { edges }),
      ...(tile && { isTile: true, isDisputed: tile.isDisputed ?? false }),
    };
  });
  const seeing = measured.map(({ stars }) => stars.medianFwhm);
  const photons = photonField(measured, frames, plan, byStars.photonGroups);
  return {
    frames,
    photonGroups: byStars.photonGroups,
    ...(photons && { photons }),
    solutions: matched.solutions,
    levelOrder: matched.order,
    gauges: base?.gauges ?? matched.gauges,
    gains: matchedGains.solutions,
    unusualGains: matchedGains.unusual,
    ...(matchedGains.skyLines && { skyLines: matchedGains.skyLines }),
    trails,
    guardSlope: guardSlope(seeing),
    pairSlope: pairSlope(seeing),
    medianCombined: config.stacking_final_combine_method === 'median' && !config.use_existing_master_tiles,
  };
}

/** One frame drizzled by colour has no drop on half of the pixels; of so many one in a few hundred is without. */
const LEAST_DRIZZLED = 8;

/** What is left out of the frames for trails; nothing of tiles, which are stacks. */
function trailsOf(
  measured: readonly MeasuredFrame[],
  spoilt: readonly (readonly Disc[])[],
  plan: MosaicPlan,
  config: RunConfig,
): TrailPlan {
  const seeks = leavesOutTrails(config);
  return planTrails(
    plan.grid,
    measured.map(({ record, wcs, stars, measure, tile }, f) => ({
      ...{ wcs, spoilt: spoilt[f], blanks: measure.background },
      nx: record.width,
      ny: record.height,
      edges: frameEdges(record.width, record.height, config),
      spans: plan.spans[f],
      trails: (seeks && !tile && stars.trails) || [],
    })),
    config.drizzle ? LEAST_DRIZZLED : undefined,
  );
}

/** Gains times what the coverage renormalisation makes of each frame. */
function renormalised(
  gains: GainPlan['gains'],
  plan: MosaicPlan,
  config: Pick<RunConfig, 'two_pass_cov_sigma_px' | 'two_pass_cov_gain_clip'>,
): number[][] {
  const factors = coverageGains(
    plan.grid,
    plan.spans,
    config.two_pass_cov_sigma_px,
    config.two_pass_cov_gain_clip,
  );
  return gains.map((channels, f) => channels.map((gain) => gain * factors[f]));
}

/** What scales the frames' fluxes: the stars that they share, the sky that they share, or nothing, which leaves all at 1. */
function gainsOf(
  measured: readonly MeasuredFrame[],
  plan: MosaicPlan,
  config: RunConfig,
  byStars: GainPlan,
  seen: Parameters<typeof planSkyLines>[1],
): Pick<GainPlan, 'gains' | 'unusual'> & { solutions: IntegrationPlan['gains']; skyLines?: SkyLineGains } {
  switch (config.stacking_normalize_method) {
    case 'global':
      return byStars;
    case 'linear_fit': {
      const lines = joinGains(planSkyLines(plan.grid, seen, expectedOf(measured)), measured);
      return { ...lines, unusual: [], skyLines: lines };
    }
    default:
      return {
        gains: measured.map(() => new Array<number>(plan.planes).fill(1)),
        solutions: [],
        unusual: [],
      };
  }
}

/** Gains by stars, with what is known of the photons of each frame, which they took. */
export interface StarGains extends GainPlan {
  readonly photonGroups: readonly PhotonGroup[];
}

/** Gains by the stars that frames share, expected from the exposures. */
export function starGains(
  measured: readonly MeasuredFrame[],
  plan: Pick<MosaicPlan, 'grid'>,
  config: RunConfig,
): StarGains {
  const groups = photonGroups(measured);
  const gains = planGains(plan.grid, gainFrames(measured, config, groups));
  return { ...joinGains(gains, measured), photonGroups: groups };
}

/** Gains of frames that are integrated already stay; the others' are brought to their scale. */
function joinGains<P extends Pick<GainPlan, 'gains'>>(plan: P, measured: readonly MeasuredFrame[]): P {
  if (!measured.some(({ held }) => held)) return plan;
  const ratios = plan.gains[0].map((_, c) =>
    medianOf(measured.flatMap(({ held }, f) => (held ? [held.levels[c].gain / plan.gains[f][c]] : []))),
  );
  const gains = plan.gains.map(
    (own, f) => measured[f].held?.levels.map(({ gain }) => gain) ?? own.map((gain, c) => gain * ratios[c]),
  );
  return { ...plan, gains };
}

/** The frames as the gain plan sees them. */
export function gainFrames(
  measured: readonly MeasuredFrame[],
  config: RunConfig,
  groups: readonly PhotonGroup[],
): GainFrame[] {
  const expected = expectedOf(measured);
  const electronsPerAdu = new Map(
    groups.flatMap((group) => group.frames.map((f) => [f, group.electronsPerAdu] as const)),
  );
  return measured.map(({ record, wcs, stars, measure }, f) => ({
    wcs,
    nx: record.width,
    ny: record.height,
    edges: frameEdges(record.width, record.height, config),
    stars,
    noise: measure.background.noise,
    sparsity: sparsityOf(record.sensor, measure.background.noise.length),
    electronsPerAdu: electronsPerAdu.get(f),
    expected: expected[f],
  }));
}

/** Relative exposures; without exposures in all headers each frame is expected to be as deep as the others. */
export function expectedOf(measured: readonly MeasuredFrame[]): number[] {
  const exposures = measured.map(({ record }) => record.exposureS);
  const known = exposures.filter((e): e is number => e !== undefined && e > 0).sort((a, b) => a - b);
  const typical = known[known.length >> 1];
  return measured.map(({ record, tile }) =>
    // a stack is a mean, whatever the sum of its exposures
    known.length === exposures.length && !tile ? record.exposureS! / typical : 1,
  );
}

/** Raw pixels per sample of each channel. */
function sparsityOf({ kind }: MeasuredFrame['record']['sensor'], channels: number): number[] {
  return kind === 'cfa' ? [4, 2, 4] : new Array<number>(channels).fill(1);
}

/** Inverse variances of warped samples, per frame and plane. */
function inverseVariancesOf(
  measured: readonly MeasuredFrame[],
  gains: readonly (readonly number[])[],
  factors: readonly (readonly number[])[],
): number[][] {
  return measured.map(({ measure }, f) => {
    const noise = { noise: measure.background.noise, gain: gains[f] };
    return sampleVariances(noise, factors[f], f).map((variance) => 1 / variance);
  });
}

/** Median over the frames of each channel's noise over that of the middle one. */
function relativeNoise(measured: readonly MeasuredFrame[]): number[] {
  const noises = measured.map(({ measure }) => measure.background.noise);
  return noises[0].map((_, c) => medianOf(noises.map((noise) => noise[c] / noise[noise.length >> 1])));
}

/** Weights of warped samples, per frame and plane. */
function weightsOf(
  measured: readonly MeasuredFrame[],
  inverseVariances: readonly (readonly number[])[],
  config: RunConfig,
): number[][] {
  const variances = inverseVariances.map((frame) => frame.map((inverse) => 1 / inverse));
  const facts = measured.map(({ record, stars }) => ({
    fwhmPx: stars.medianFwhm,
    exposureS: record.exposureS ?? NaN,
  }));
  return frameWeights(config.stacking_weighting_method, variances, facts);
}

function factorsOf(
  sensor: MeasuredFrame['record']['sensor'],
  config: RunConfig,
  relative: readonly number[],
): readonly number[] {
  if (sensor.kind !== 'cfa') return varianceFactors('none', config.warp_kernel);
  const kernel = config.demosaic_method === 'direct' ? config.cfa_warp_kernel : config.warp_kernel;
  return varianceFactors(config.demosaic_method, kernel, sensor.sites, relative);
}

function layoutOf(sensor: MeasuredFrame['record']['sensor']): SensorLayout {
  if (sensor.kind !== 'cfa') return sensor;
  const pattern = sensor.sites.reduce<number>((bits, colour, site) => bits | (colour << (2 * site)), 0);
  return { kind: 'cfa', pattern };
}

// What the header of a product says of how it was made.
import { configDigest } from '../../config/digest.js';
import type { RunConfig } from '../../config/table.js';
import type { Provenance } from '../../output/cards/provenance-cards.js';
import { medianOf } from '../../photometry/mesh-repair.js';
import type { TwoPassReport } from '../../report/two-pass-report.js';
import { stackSettings } from '../planning/mosaic-plan.js';
import type { MeasuredFrame } from '../planning/grid/placed-frame.js';
import type { IntegrationPlan } from '../planning/integration-plan.js';
import type { FrameGroups } from '../grouping/frame-groups.js';
import { programVersions } from './program-versions.js';
import { rangesOf } from './ranges.js';
import type { BackendShare } from '../run-backend.js';

/** What a product was made of, and by whom. */
export interface Making {
  /** Of the program. */
  readonly version: string;
  readonly config: RunConfig;
  /** Frames that are in it, and the number of files that were looked at for it. */
  readonly frames: readonly MeasuredFrame[];
  readonly total: number;
  /** Who has computed which cells. */
  readonly shares: readonly BackendShare[];
  readonly integration: Pick<IntegrationPlan, 'gauges' | 'levelOrder' | 'skyLines' | 'photonGroups'>;
  /** Of its grid, a pixel. */
  readonly scaleArcsec: number;
  /** Frames that were stacked apart. */
  readonly groups?: FrameGroups;
  /** What a second pass has taken off. */
  readonly evened?: TwoPassReport;
}

export function provenanceOf({
  version,
  config,
  frames,
  total,
  shares,
  integration: { gauges, levelOrder, skyLines, photonGroups },
  scaleArcsec,
  groups,
  evened,
}: Making): Provenance {
  const working = shares.filter(({ cells }) => cells.length > 0);
  const backend = working.map(({ info }) => info.name).join(' + ');
  const records = frames.map(({ record }) => record);
  const exposures = records.flatMap(({ exposureS }) => exposureS ?? []);
  const dates = records.flatMap(({ dateObs }) => dateObs ?? []).sort();
  const objects = new Set(records.flatMap(({ object }) => object ?? []));
  return {
    software: `ZeMosaic ${version}`,
    configDigest: configDigest(config),
    backend: working.map(({ info }) => `${info.name} (${info.device})`).join(' + '),
    versions: programVersions(version),
    framesUsed: frames.length,
    framesTotal: total,
    ...(exposures.length === frames.length && { exposureSeconds: exposures.reduce((a, b) => a + b, 0) }),
    ...(objects.size === 1 && { object: [...objects][0] }),
    ...(dates.length > 0 && { dateBegin: dates[0] }),
    stages: [
      ...[...calibrationStage(frames), ...warpStages(config, frames)].map((stage) => ({ ...stage, backend })),
      {
        name: 'levels',
        backend: 'host',
        detail: `${config.stacking_normalize_method}, order ${levelOrder}${linesText(skyLines)}`,
      },
      ...skyStages(config, gauges),
      ...(config.two_pass_coverage_renorm
        ? [
            {
              name: 'two_pass',
              backend: 'host',
              detail: 'flux scaled by coverage (two_pass_coverage_renorm)',
            },
          ]
        : []),
      {
        name: 'stack',
        backend,
        detail:
          `${rejectionText(config)}, ` +
          `weights ${config.stacking_weighting_method}, combined by ${config.stacking_final_combine_method}${radialText(config)}`,
      },
      ...drizzleStages(config, frames, scaleArcsec, backend),
      { name: 'uncertainty', backend: 'host', detail: photonsText(photonGroups) },
      ...(groups
        ? [
            {
              name: 'groups',
              backend: 'host',
              detail: `${groups.mode}: mean of ${groups.groups.length} stacks by their weights`,
            },
          ]
        : []),
      ...twoPassStages(evened),
      ...(config.altaz_cleanup_enabled
        ? [{ name: 'altaz_cleanup', backend: 'host', detail: 'borders of alt-azimuth panels blanked' }]
        : []),
      // Which cell is where stands in the run report.
      ...(working.length > 1
        ? working.map(({ info, cells }) => ({
            name: 'cells',
            backend: info.name,
            detail: `computed cells ${rangesOf(cells)}`,
          }))
        : []),
    ],
  };
}

/** Where fluxes went by lines through the sky, and in how many frames of the run they could not. */
function linesText(lines: IntegrationPlan['skyLines']): string {
  if (!lines) return '';
  const flat = lines.flat.length;
  return `, gains by the sky${flat > 0 ? ` but of ${flat} frames, as exposed` : ''}`;
}

/** Whose photons the uncertainty holds. */
function photonsText(groups: IntegrationPlan['photonGroups']): string {
  const known = groups.flatMap(({ frames, electronsPerAdu, toldBy }) => {
    if (!electronsPerAdu) return [];
    const gain = [...new Set(electronsPerAdu.map((v) => v.toPrecision(3)))].join(' ');
    return `${gain} e-/adu by ${toldBy === 'header' ? 'EGAIN' : 'noise against level'} (${frames.length} frames)`;
  });
  const unknown = groups.reduce((sum, group) => sum + (group.electronsPerAdu ? 0 : group.frames.length), 0);
  const without =
    unknown > 0
      ? `photon gain of ${unknown} frames unknown: UNCERTAINTY has the noise of their sky alone, too little in bright light`
      : '';
  if (known.length === 0) return without;
  return [`photons of the light itself in UNCERTAINTY (PHOTONS): ${known.join(', ')}`, without]
    .filter(Boolean)
    .join('; ');
}

/** What was taken off where frames end. */
function twoPassStages(evened: TwoPassReport | undefined): Provenance['stages'] {
  if (!evened) return [];
  const { step_before_adu: before, step_after_adu: after, largest_adu } = evened;
  const steps = `steps ${before.join(' ')} ADU rms`;
  const detail = largest_adu.some((v) => v > 0)
    ? `residual levels and slopes of frames taken off (two_pass_residuals): ${steps} to ${after.join(' ')}, frames up to ${largest_adu.join(' ')} ADU`
    : `nothing significant at the edges of frames, nothing taken off (two_pass_residuals): ${steps}`;
  return [{ name: 'two_pass', backend: 'host', detail }];
}

/** Rules that take good samples too: what is left is no random part of them (docs/accuracy.md). */
const BY_VALUE = ' (UNCERTAINTY is that of as many samples taken at random)';

/** The rule and the numbers that it goes by; kappas stand for the guard of few frames where the rule has none. */
function rejectionText(config: RunConfig): string {
  const rule = config.stacking_rejection_algorithm;
  const kappas = `kappa ${config.stacking_kappa_low} ${config.stacking_kappa_high}`;
  switch (rule) {
    case 'percentile_clip':
      return `${rule} ${config.stacking_percentile_low} ${config.stacking_percentile_high} of the median, ${kappas}${BY_VALUE}`;
    case 'esd':
      return `${rule} significance ${config.stacking_esd_significance} outliers ${config.stacking_esd_outliers}, ${kappas}`;
    case 'min_max':
      return `${rule} ${config.stacking_min_max_low} ${config.stacking_min_max_high}, ${kappas}${BY_VALUE}`;
    default:
      return `${rule} ${kappas}`;
  }
}

/** What became of the samples that the stack left, and how far neighbours share their noise (Fruchter & Hook 2002, section 7: on areas much larger than a pixel). */
function drizzleStages(
  config: RunConfig,
  frames: readonly MeasuredFrame[],
  scaleArcsec: number,
  backend: string,
): Provenance['stages'] {
  if (!config.drizzle) return [];
  const scales = frames.map(({ record, wcs }) =>
    wcs.pixelScaleArcsec((record.width + 1) / 2, (record.height + 1) / 2),
  );
  const side = (config.drizzle_pixfrac * medianOf(scales)) / scaleArcsec;
  const ratio = side >= 1 ? side / (1 - 1 / (3 * side)) : 1 / (1 - side / 3);
  return [
    {
      name: 'drizzle',
      backend,
      detail:
        `raw samples dropped, pixfrac ${config.drizzle_pixfrac}, drops ${side.toFixed(2)} pixels wide; the noise of a mean over ` +
        `many pixels is ${ratio.toFixed(2)} times what UNCERTAINTY alone would give; UNCERTAINTY is noise alone, narrow stars differ besides by where drops fell`,
    },
  ];
}

/** How weights fall towards the edges of frames. */
function radialText(config: RunConfig): string {
  const shape = stackSettings(config).radial;
  if (!shape) return '';
  return `, weights falling to the edges: feather ${shape.featherFraction}, power ${shape.power}, floor ${shape.floor}`;
}

/** What was taken from the sky of each part of the mosaic, channel by channel. */
function skyStages(config: RunConfig, gauges: IntegrationPlan['gauges']): Provenance['stages'] {
  const parts = gauges[0] ?? [];
  if (config.sky_gradient === 'keep')
    return [{ name: 'sky', backend: 'host', detail: 'common gradient kept' }];
  return parts.map((_, part) => {
    const channels = gauges.map((gauge) => {
      const { gradientX, gradientY, offset, evidence } = gauge[part];
      const level = offset === 0 ? '' : `, level ${offset.toFixed(2)}`;
      if (evidence === 'none') return `nothing tells the gradient, kept${level}`;
      const source = evidence === 'nebula_colour' ? ' by the colour of the nebula' : '';
      return `${gradientX.toFixed(2)} in x ${gradientY.toFixed(2)} in y${source}${level}`;
    });
    const name = parts.length > 1 ? `sky of part ${part + 1}` : 'sky';
    return {
      name,
      backend: 'host',
      detail: `common gradient removed, ADU per degree: ${channels.join(' / ')}`,
    };
  });
}

/** How the samples came onto the grid. */
function warpStages(config: RunConfig, frames: readonly MeasuredFrame[]) {
  const cfa = frames.some(({ record }) => record.sensor.kind === 'cfa');
  if (!cfa) return [{ name: 'warp', detail: config.warp_kernel }];
  return config.demosaic_method === 'direct'
    ? [{ name: 'warp', detail: `each CFA colour from its own sites, ${config.cfa_warp_kernel}` }]
    : [
        { name: 'demosaic', detail: config.demosaic_method },
        { name: 'warp', detail: config.warp_kernel },
      ];
}

/** How many frames went through which masters; nothing where none did. */
function calibrationStage(frames: readonly MeasuredFrame[]) {
  const count = (kind: 'bias' | 'dark' | 'flat') =>
    frames.filter(({ calibration }) => calibration?.[kind]).length;
  if (!frames.some(({ calibration }) => calibration)) return [];
  const detail = `frames with dark ${count('dark')}, bias ${count('bias')}, flat ${count('flat')}`;
  return [{ name: 'calibrate', detail }];
}

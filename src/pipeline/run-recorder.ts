// Gathers what the run report says, from the events that everybody hears and from the phases that know more.
import { performance } from 'node:perf_hooks';
import { resourceUsage } from 'node:process';
import type { Adjustment } from '../astrometry/adjust/adjust-types.js';
import { InterruptedError } from '../cleanup/signals.js';
import type { TeardownReport } from '../cleanup/teardown-report.js';
import type { BackendInfo } from '../compute/backend.js';
import { contracts } from '../compute/contracts/index.js';
import { configDigest } from '../config/digest.js';
import type { RunDirectories } from '../config/directories.js';
import type { CodedMessage } from '../config/errors.js';
import { withoutSecrets } from '../config/secrets.js';
import type { RunConfig } from '../config/table.js';
import type { EventSink, OutputKind, RunEvent, StageTiming } from '../report/events.js';
import { codedMessageOf } from '../report/render-error.js';
import type { AestheticReport } from '../report/aesthetic-report.js';
import type { TwoPassReport } from '../report/two-pass-report.js';
import type { ProductQuality } from '../report/product-quality.js';
import { reportedStage, RUN_REPORT_VERSION, type RunReport } from '../report/run-report.js';
import type { GainPlan } from './planning/gain-plan.js';
import { lengthPx } from './planning/trail-plan.js';
import type { IntegrationPlan } from './planning/integration-plan.js';
import type { Cell } from './planning/cells.js';
import type { FrameQuality } from './planning/judge-frames.js';
import type { OutputGrid } from './planning/output-grid.js';
import type { MeasuredFrame } from './planning/placed-frame.js';
import { starParts } from './plan-warnings.js';
import type { Product } from './product.js';
import { rangesOf } from './ranges.js';
import type { BackendShare } from './run-backend.js';
import type { RejectedFrame } from './run-context.js';

/** Numbers of what has been told, and what was known. */
interface Told extends Pick<RunReport['inputs'], 'measured' | 'solved'> {
  readonly rejected: number;
  readonly warnings: number;
  readonly notices: number;
  readonly outputs: number;
  readonly facts: Partial<RunReport>;
}

export class RunRecorder implements EventSink {
  private readonly start = performance.now();
  private readonly startedAt = new Date().toISOString();
  private readonly rejected: RejectedFrame[] = [];
  private readonly outputs: { kind: OutputKind; path: string; bytes: number }[] = [];
  private readonly warnings: CodedMessage[] = [];
  private readonly notices: CodedMessage[] = [];
  private stages: readonly StageTiming[] = [];
  /** Of all assemblies, one that was given up among them: what the kernels took is that of all. */
  private assemblyMs: number | undefined;
  private assemblyBegan: number | undefined;
  private total = 0;
  private used = 0;
  private measured: RunReport['inputs']['measured'];
  private placedByStars: RunReport['inputs']['solved'];
  private teardown: TeardownReport = { removed: [], kept: [], refused: [], failed: [] };
  private facts: Pick<
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
  > = {};

  constructor(
    private readonly config: RunConfig,
    private readonly directories: RunDirectories,
    private readonly version: string,
  ) {}

  emit(event: RunEvent): void {
    if (event.type === 'frame-rejected') this.rejected.push({ path: event.path, reason: event.reason });
    else if (event.type === 'warning') this.warnings.push(event.message);
    else if (event.type === 'notice') this.notices.push(event.message);
    else if (event.type === 'phase-started' && event.phase === 'assembly')
      this.assemblyBegan = performance.now();
    else if (event.type === 'phase-finished' && event.phase === 'assembly') this.addAssembly(event.wallMs);
    else if (event.type === 'output-written') {
      this.outputs.push({ kind: event.kind, path: event.path, bytes: event.bytes });
    }
  }

  /** What has been told so far: a plan that is made again tells its part anew. */
  told(): Told {
    const { rejected, warnings, notices, outputs, facts, measured, placedByStars: solved } = this;
    return {
      ...{ facts, measured, solved },
      rejected: rejected.length,
      warnings: warnings.length,
      notices: notices.length,
      outputs: outputs.length,
    };
  }

  /** Forgets what was told since, but for what lasts; the time that an assembly has taken in vain counts. */
  forgetSince(told: Told, lasting: readonly CodedMessage[]): void {
    this.rejected.length = told.rejected;
    const later = this.warnings.splice(told.warnings);
    this.warnings.push(...later.filter((message) => lasting.includes(message)));
    this.notices.length = told.notices;
    this.outputs.length = told.outputs;
    this.facts = told.facts;
    this.measured = told.measured;
    this.placedByStars = told.solved;
    if (this.assemblyBegan !== undefined) this.addAssembly(performance.now() - this.assemblyBegan);
  }

  private addAssembly(ms: number): void {
    this.assemblyMs = (this.assemblyMs ?? 0) + ms;
    this.assemblyBegan = undefined;
  }

  scanned(total: number): void {
    this.total = total;
  }

  resumed(run: { runId: string; frames: number; cells: number } | undefined): void {
    if (run)
      this.facts = { ...this.facts, resumed: { run_id: run.runId, frames: run.frames, cells: run.cells } };
  }

  computing({ name, device, hardware }: BackendInfo): void {
    this.facts = { ...this.facts, backend: { name, device, hardware } };
  }

  /** Who computed which cells in the end; where they lie is only told when several backends shared them. */
  computed(shares: readonly BackendShare[], cells: readonly Cell[]): void {
    const backends = shares.map(({ info: { name, device, hardware }, cells: indices }) => ({
      name,
      device,
      hardware,
      cells: rangesOf(indices),
      ...(shares.length > 1 && { cell_rects: indices.map((index) => cells[index].rect) }),
    }));
    this.facts = { ...this.facts, backends };
  }

  /** Frames that go into the mosaic; of those that their stars have placed the report says how well. */
  solved(frames: readonly MeasuredFrame[]): void {
    const solved = frames.flatMap(({ record, solution }) =>
      solution
        ? {
            path: record.path,
            matched: solution.matched,
            rms_px: Number(solution.rmsPx.toFixed(3)),
            ...(solution.by !== undefined && { by: solution.by }),
          }
        : [],
    );
    if (solved.length > 0) this.placedByStars = solved;
  }

  /** How well the stars that frames share agree, before and after their common adjustment. */
  adjusted(frames: readonly MeasuredFrame[], adjustment: Adjustment | undefined): void {
    if (!adjustment) return;
    const px = (name: string, value: number) =>
      Number.isNaN(value) ? {} : { [name]: Number(value.toFixed(4)) };
    this.facts = {
      ...this.facts,
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

  /** What the pixels and stars of each measured frame told. */
  judged(frames: readonly MeasuredFrame[], quality: readonly FrameQuality[]): void {
    const known = (value: number, digits: number) =>
      Number.isFinite(value) ? Number(value.toFixed(digits)) : undefined;
    this.measured = frames.map(({ record, measure, stars }, f) => ({
      path: record.path,
      background_adu: measure.background.level.map((level) => Number(level.toFixed(2))),
      noise_adu: measure.background.noise.map((noise) => Number(noise.toFixed(3))),
      stars: stars.count,
      fwhm_arcsec: known(quality[f].fwhmArcsec, 3),
      ellipticity: known(quality[f].ellipticity, 3),
      transparency: known(quality[f].transparency, 3),
    }));
  }

  planned(grid: OutputGrid): void {
    this.facts = {
      ...this.facts,
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

  /** What of the grid was saved. */
  shaped({ mosaic, scaleArcsec, window, binning }: Product): void {
    const output = {
      width_px: mosaic.nx,
      height_px: mosaic.ny,
      pixel_scale_arcsec: scaleArcsec,
      first_column_px: window.x0,
      first_row_px: window.y0,
      binning,
    };
    this.facts = { ...this.facts, output };
  }

  matched(
    {
      gains: gainSolutions,
      solutions,
      gauges,
      photonGroups,
      trails,
    }: Pick<IntegrationPlan, 'gains' | 'solutions' | 'gauges' | 'photonGroups' | 'trails'>,
    colours?: GainPlan['colours'],
  ): void {
    const gains = gainSolutions.map((solution) => {
      const { gains: factors, residualScale } = solution;
      const measured = factors.filter((gain) => !Number.isNaN(gain));
      return {
        least: Math.min(...measured),
        most: Math.max(...measured),
        frames_measured: measured.length,
        residual_scale: residualScale,
        ...(solution.component && { components: starParts(solution) }),
      };
    });
    const levels = solutions.map(({ components, residualScale, outlierFraction, converged }, channel) => ({
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
    const percent = (width: number) => (Number.isNaN(width) ? null : Number((100 * width).toPrecision(3)));
    const transparency_colour = colours && {
      frames_percent: percent(colours.frameColour),
      groups_percent: percent(colours.groupColour),
    };
    this.facts = {
      ...this.facts,
      levels,
      gains: gains.filter((g) => g.frames_measured > 0),
      photons: photonGroups.map(({ frames, electronsPerAdu, toldBy, relativeError }) => ({
        frames: frames.length,
        told_by: toldBy,
        electrons_per_adu: electronsPerAdu?.map((v) => Number(v.toPrecision(4))) ?? null,
        error_percent: relativeError === undefined ? null : percent(relativeError),
      })),
      trails: {
        found: trails.found,
        repeated: trails.repeated,
        frames: trails.leftOut.filter((of) => of.length > 0).length,
        length_px: trails.leftOut.flat().reduce((sum, trail) => sum + lengthPx(trail), 0),
      },
      ...(transparency_colour && { transparency_colour }),
    };
  }

  integrated({ used, low, high }: { used: number; low: number; high: number }, frames: number): void {
    this.used = frames;
    const rejected_fraction = (low + high) / Math.max(1, used + low + high);
    this.facts = {
      ...this.facts,
      samples: { used, rejected_low: low, rejected_high: high, rejected_fraction },
    };
  }

  /** N of M as far as it is known. */
  frameAccount(): Pick<RunReport['inputs'], 'used' | 'total' | 'rejected' | 'solved'> {
    const total = Math.max(this.total, this.rejected.length);
    const { used, rejected, placedByStars: solved } = this;
    return { used, total, rejected, ...(solved && { solved }) };
  }

  productMeasured(product: ProductQuality): void {
    this.facts = { ...this.facts, product };
  }

  /** What the second pass has taken off. */
  evened(two_pass: TwoPassReport): void {
    this.facts = { ...this.facts, two_pass };
  }

  beautified(aesthetic: AestheticReport): void {
    this.facts = { ...this.facts, aesthetic };
  }

  addStages(stages: readonly StageTiming[]): void {
    this.stages = stages;
  }

  tornDown(report: TeardownReport): void {
    this.teardown = report;
  }

  /** The report, `failure` being what ended the run if it did not end well. */
  finish(runId: string, failure: unknown): RunReport {
    const usage = resourceUsage();
    const coded = (code: string): CodedMessage => ({ code, params: {} });
    const withReason = ({ path, reason }: { path: string; reason: string }) => ({
      path,
      reason: coded(reason),
    });
    return {
      report_version: RUN_REPORT_VERSION,
      run_id: runId,
      outcome: outcomeOf(failure),
      ...(failure === undefined ? {} : { error: codedMessageOf(failure) }),
      started_at: this.startedAt,
      wall_ms: performance.now() - this.start,
      cpu_ms: (usage.userCPUTime + usage.systemCPUTime) / 1000,
      peak_memory_bytes: usage.maxRSS * 1024,
      versions: { zemosaic: this.version, node: process.versions.node },
      config: withoutSecrets(this.config),
      config_digest: configDigest(this.config),
      inputs: {
        dir: this.directories.inputDir,
        // A scan that found nothing usable, or was stopped, has told of no more than what it rejected.
        total: Math.max(this.total, this.rejected.length),
        used: this.used,
        rejected: this.rejected,
        ...(this.measured && { measured: this.measured }),
        ...(this.placedByStars && { solved: this.placedByStars }),
      },
      ...this.facts,
      ...(this.assemblyMs !== undefined && { device_time: deviceTime(this.stages, this.assemblyMs) }),
      stages: this.stages.map(reportedStage),
      outputs: this.outputs,
      teardown: {
        removed: this.teardown.removed.map(({ path, bytes }) => ({ path, bytes })),
        kept: this.teardown.kept.map(({ path, bytes, meaning }) => ({
          path,
          bytes,
          meaning: coded(meaning),
        })),
        refused: this.teardown.refused.map(withReason),
        failed: this.teardown.failed.map(withReason),
      },
      warnings: this.warnings,
      notices: this.notices,
    };
  }
}

function deviceTime(stages: readonly StageTiming[], assemblyMs: number): RunReport['device_time'] {
  const kernels = stages.filter(({ stage }) => Object.hasOwn(contracts, stage));
  const kernelMs = kernels.reduce((sum, { wallMs }) => sum + wallMs, 0);
  return { kernel_ms: kernelMs, assembly_ms: assemblyMs, busy_share: kernelMs / Math.max(1, assemblyMs) };
}

function outcomeOf(failure: unknown): RunReport['outcome'] {
  if (failure === undefined) return 'success';
  if (!(failure instanceof InterruptedError)) return 'error';
  return failure.signal === 'SIGTERM' ? 'terminated' : 'interrupted';
}

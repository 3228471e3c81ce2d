// Gathers what the run report says, from the events that everybody hears and from the phases that know more.
import { resourceUsage } from 'node:process';
import type { Adjustment } from '../../astrometry/adjust/adjust-types.js';
import { InterruptedError } from '../../cleanup/signals.js';
import type { TeardownReport } from '../../cleanup/teardown/teardown-report.js';
import type { BackendInfo } from '../../compute/backend.js';
import { contracts } from '../../compute/contracts/index.js';
import { configDigest } from '../../config/digest.js';
import type { RunDirectories } from '../../config/directories.js';
import type { CodedMessage } from '../../config/errors.js';
import { withoutSecrets } from '../../config/secrets.js';
import type { RunConfig } from '../../config/table.js';
import type { EventSink, OutputKind, RunEvent, StageTiming } from '../../report/events.js';
import { codedMessageOf } from '../../report/render-error.js';
import type { AestheticReport } from '../../report/aesthetic-report.js';
import type { TwoPassReport } from '../../report/two-pass-report.js';
import type { ProductQuality } from '../../report/product-quality.js';
import { reportedStage, RUN_REPORT_VERSION, type RunReport } from '../../report/run-report.js';
import type { Cell } from '../planning/cells/cells.js';
import type { GainPlan } from '../planning/gain-plan.js';
import type { FrameQuality } from '../planning/frames/judge-frames.js';
import type { OutputGrid } from '../planning/grid/output-grid.js';
import type { MeasuredFrame } from '../planning/grid/placed-frame.js';
import type { Product } from '../product.js';
import type { BackendShare } from '../run-backend.js';
import type { RejectedFrame } from '../run-context.js';
import { programVersions } from './program-versions.js';
import {
  astrometryFacts,
  backendFacts,
  gridFacts,
  matchFacts,
  measuredFacts,
  outputFacts,
  solvedFacts,
  type MatchedPlan,
  type RunFacts,
} from './run-facts.js';

/** Numbers of what has been told, and what was known. */
interface Told extends Pick<RunReport['inputs'], 'measured' | 'solved'> {
  readonly rejected: number;
  readonly warnings: number;
  readonly notices: number;
  readonly outputs: number;
  readonly facts: RunFacts;
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
  private facts: RunFacts = {};

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

  private note(facts: RunFacts): void {
    this.facts = { ...this.facts, ...facts };
  }

  private addAssembly(ms: number): void {
    this.assemblyMs = (this.assemblyMs ?? 0) + ms;
    this.assemblyBegan = undefined;
  }

  scanned(total: number): void {
    this.total = total;
  }

  resumed(run: { runId: string; frames: number; cells: number } | undefined): void {
    if (run) this.note({ resumed: { run_id: run.runId, frames: run.frames, cells: run.cells } });
  }

  computing({ name, device, hardware }: BackendInfo): void {
    this.note({ backend: { name, device, hardware } });
  }

  /** Who computed which cells in the end. */
  computed(shares: readonly BackendShare[], cells: readonly Cell[]): void {
    this.note(backendFacts(shares, cells));
  }

  /** Frames that go into the mosaic; of those that their stars have placed the report says how well. */
  solved(frames: readonly MeasuredFrame[]): void {
    const solved = solvedFacts(frames);
    if (solved.length > 0) this.placedByStars = solved;
  }

  /** How well the stars that frames share agree, before and after their common adjustment. */
  adjusted(frames: readonly MeasuredFrame[], adjustment: Adjustment | undefined): void {
    if (adjustment) this.note(astrometryFacts(frames, adjustment));
  }

  /** What the pixels and stars of each measured frame told. */
  judged(frames: readonly MeasuredFrame[], quality: readonly FrameQuality[]): void {
    this.measured = measuredFacts(frames, quality);
  }

  planned(grid: OutputGrid): void {
    this.note(gridFacts(grid));
  }

  /** What of the grid was saved. */
  shaped(product: Product): void {
    this.note(outputFacts(product));
  }

  /** Levels, gains, photons, trails: what frames were brought to each other by. */
  matched(integration: MatchedPlan, colours?: GainPlan['colours']): void {
    this.note(matchFacts(integration, colours));
  }

  integrated({ used, low, high }: { used: number; low: number; high: number }, frames: number): void {
    this.used = frames;
    const rejected_fraction = (low + high) / Math.max(1, used + low + high);
    this.note({ samples: { used, rejected_low: low, rejected_high: high, rejected_fraction } });
  }

  /** N of M as far as it is known. */
  frameAccount(): Pick<RunReport['inputs'], 'used' | 'total' | 'rejected' | 'solved'> {
    const total = Math.max(this.total, this.rejected.length);
    const { used, rejected, placedByStars: solved } = this;
    return { used, total, rejected, ...(solved && { solved }) };
  }

  productMeasured(product: ProductQuality): void {
    this.note({ product });
  }

  /** What the second pass has taken off. */
  evened(two_pass: TwoPassReport): void {
    this.note({ two_pass });
  }

  beautified(aesthetic: AestheticReport): void {
    this.note({ aesthetic });
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
      versions: programVersions(this.version),
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

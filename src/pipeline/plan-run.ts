// From the files of a run to its plan: frames are measured, placed and selected, and what each has to go through is settled.
import type { Workspace } from '../cleanup/workspace.js';
import type { FrameRecord } from '../frames/frame-record.js';
import { learnDefects } from './calibration/learn-defects.js';
import { gridNotices, gridPlanned } from './account/grid-planned.js';
import { type ModePlan, planGroups } from './grouping/plan-groups.js';
import { leaveStage } from './heap-growth.js';
import { type BegunIncrement, heldFrames } from './incremental/begin-increment.js';
import { fittingFrames } from './incremental/fitting-frames.js';
import { adjustPlaces } from './phases/adjust.js';
import { prepareCalibration } from './phases/calibration.js';
import { ingestFrames } from './phases/ingest.js';
import type { MeasurePass } from './phases/measure-pass.js';
import { writeIntegrationRecord } from './phases/integration-record.js';
import { writeGlobalWcsPlan } from './phases/output-grid.js';
import { NoFramesError, type ScanResult } from './phases/scan.js';
import { selectFrames } from './phases/select-frames.js';
import {
  noteApartGains,
  noteSkyLines,
  noteUnknownPhotons,
  warnOfInexactMaps,
  warnOfIslands,
  warnOfUnusualGains,
} from './account/plan-warnings.js';
import { cellKernels } from './integrate/programs/cell-kernels.js';
import { planIntegration } from './planning/integration-plan.js';
import { stackSettings, warpSettings } from './planning/mosaic-plan.js';
import { pointingGroups } from './planning/sky/pointing-groups.js';
import type { MeasuredFrame } from './planning/grid/placed-frame.js';
import { plannedFrames } from './planning/frames/planned-frames.js';
import type { PlannedRun } from './planning/planned-run.js';
import type { RunMemory } from './resume/run-memory.js';
import type { RunBackend } from './run-backend.js';
import { runPhase, type RunContext } from './run-context.js';
import type { RunRecorder } from './account/run-recorder.js';

/** What is planned. */
export interface RunInputs {
  readonly scan: ScanResult;
  /** Frames of a mosaic that is to be added to. */
  readonly settled: readonly FrameRecord[] | undefined;
  readonly calibrationFrames: Parameters<typeof prepareCalibration>[4];
  readonly memory: RunMemory;
  readonly increment: BegunIncrement | undefined;
  readonly computing: RunBackend;
  readonly assembling: ModePlan;
  /** Has begun to look at the frames, before it was known what computes. */
  readonly begun?: MeasurePass;
}

/**
 * Undefined where a mosaic that is to be added to holds all there is.
 * @throws NoFramesError, CanvasError, CellBudgetError, MemoryBudgetError, DiskSpaceError, CatalogueError.
 */
export async function planRun(
  context: RunContext,
  workspace: Workspace,
  recorder: RunRecorder,
  { scan, settled, calibrationFrames, memory, increment, computing, assembling, begun }: RunInputs,
): Promise<PlannedRun | undefined> {
  const { config, sink } = context;
  const base = increment?.base;
  const lights = increment?.lights ?? scan.lights;
  const total = increment?.total ?? scan.total;
  recorder.scanned(total);
  const calibrations = await prepareCalibration(
    context,
    workspace,
    computing,
    scan.lights,
    calibrationFrames,
  );
  const held = increment ? await heldFrames(increment, calibrations) : [];
  const ingested =
    base && lights.length === 0
      ? { frames: [] }
      : await ingestFrames(context, workspace, lights, memory, computing, calibrations, settled, begun);
  const added = base ? fittingFrames(context, base.grid, ingested.frames) : ingested.frames;
  if (added.length === 0) {
    if (base) return undefined;
    throw new NoFramesError('pipeline_no_usable_frames', { dir: context.directories.inputDir, total });
  }
  await leaveStage(added.length);
  const { placed, refined } = await adjusted(
    context,
    workspace,
    recorder,
    [...held, ...added],
    base?.state.refined,
  );
  await leaveStage(placed.length);
  const { frames, plan, gains, quality, groups } = await runPhase(
    context,
    'output_grid',
    'steps',
    undefined,
    async () => {
      const selection = selectFrames(context, placed, computing.info.limits, {
        ...(base && { base: base.grid }),
        stacksApart: assembling.mode !== 'mosaic_first',
      });
      const { plan: made, frames: selected } = selection;
      recorder.planned(made.grid);
      const stacks = planGroups(context, assembling, selected, made);
      sink.emit(gridPlanned(made, config, stacks));
      for (const message of gridNotices(made.grid, selected, config)) sink.emit({ type: 'notice', message });
      warnOfInexactMaps(sink, made, selected);
      await writeGlobalWcsPlan(workspace, made, selected, config.global_wcs_orientation);
      return { ...selection, groups: stacks };
    },
  );
  const kinds = new Set(frames.map(({ record }) => record.sensor.kind));
  const settings = { ...warpSettings(config), ...stackSettings(config) };
  computing.prepare(cellKernels(plan.cells.cells, kinds, settings));
  recorder.solved(frames);
  recorder.judged(placed, quality);
  if (base && !frames.some((frame) => !frame.held)) return undefined;
  await leaveStage(frames.length);
  const defects = await learnDefects(context, frames);
  const integration = await context.ledger.time('levels', 'host', () =>
    Promise.resolve({
      result: planIntegration(frames, plan, config, gains, base?.state, defects),
      bytes: 0,
    }),
  );
  recorder.matched(integration, config.stacking_normalize_method === 'global' ? gains.colours : undefined);
  warnOfIslands(sink, integration);
  noteApartGains(
    sink,
    integration,
    pointingGroups(frames.map(({ wcs, record: { width: nx, height: ny } }) => ({ wcs, nx, ny }))),
  );
  warnOfUnusualGains(sink, integration, frames);
  noteSkyLines(sink, integration);
  noteUnknownPhotons(sink, integration);
  await writeIntegrationRecord(workspace, plan, integration);
  return {
    frames: plannedFrames(frames),
    plan,
    groups,
    integration,
    total,
    headersRefined: refined,
  };
}

/** The frames at their adjusted places, and whether WCS of headers were refined. What else the adjustment has found out of each goes with it. */
async function adjusted(
  context: RunContext,
  workspace: Workspace,
  recorder: RunRecorder,
  measured: readonly MeasuredFrame[],
  refinesAdded: boolean | undefined,
): Promise<{ placed: readonly MeasuredFrame[]; refined: boolean | undefined }> {
  const { frames, adjustment } = await adjustPlaces(context, workspace, measured, refinesAdded);
  recorder.adjusted(frames, adjustment);
  return { placed: frames, refined: adjustment?.refined };
}

// Plan and integration as one: frames that are lost under way are left out of both, since a frame in a part of the mosaic only would be in its weights and in no report.
import type { Workspace } from '../cleanup/workspace.js';
import { fileLoss } from '../frames/file-loss.js';
import type { FrameRecord } from '../frames/frame-record.js';
import type { RunRecorder } from './account/run-recorder.js';
import { leavePlan, limitHeapGrowth } from './heap-growth.js';
import { LostFrameError } from './integrate/windows/lost-frame-error.js';
import type { Assembled } from './phases/assembly.js';
import { planRun, type RunInputs } from './plan-run.js';
import type { PlannedRun } from './planning/planned-run.js';
import type { RejectedFrame, RunContext } from './run-context.js';
import { RunMemory } from './resume/run-memory.js';

/** What was planned, and what it has come to. */
export interface PlannedMosaic {
  readonly planned: PlannedRun;
  readonly assembled: Assembled;
}

/**
 * Plans and integrates. Where a frame cannot be read any more, or has been written to since it was listed, both begin again without it; what was measured
 * is not measured again where the run remembers it. Undefined where a mosaic that is to be added to holds all there is.
 * @throws as `planRun` and `assemble`; LostFrameError when no light is left, or none of a kind of calibration frames, so that the run can be gone on with when its drive is back.
 */
export async function planAndAssemble(
  context: RunContext,
  workspace: Workspace,
  recorder: RunRecorder,
  inputs: RunInputs,
  assemble: (planned: PlannedRun, memory: RunMemory) => Promise<Assembled>,
): Promise<PlannedMosaic | undefined> {
  const told = recorder.told();
  const lost: RejectedFrame[] = [];
  for (let left = inputs; ;) {
    const outcome = await attempt(left);
    if (!outcome || 'assembled' in outcome) return outcome;
    lost.push(...outcome.lost);
    const remaining = without(left, lost);
    if (!canGoOn(left, remaining)) throw outcome.failure;
    const isRecalibrated = remaining.calibrationFrames.length < left.calibrationFrames.length;
    // measured under masters that will not come again
    left = isRecalibrated ? { ...remaining, memory: RunMemory.none() } : remaining;
    recorder.forgetSince(told, left.computing.failures);
    tell(context, inputs, lost);
    left.computing.beginAgain();
    // planning again makes as much garbage as planning did
    limitHeapGrowth(left.scan.lights.length, context.config.memory_budget_mb);
    await workspace.leavePlan();
    await left.memory.reload();
  }

  async function attempt(
    left: RunInputs,
  ): Promise<PlannedMosaic | { lost: RejectedFrame[]; failure: LostFrameError } | undefined> {
    let planned: PlannedRun | undefined;
    try {
      planned = await planRun(context, workspace, recorder, left);
      if (!planned) return undefined;
      await leavePlan(planned.frames.length);
      const assembled = await assemble(planned, left.memory);
      const lost = await changedFrames(planned);
      if (lost.length === 0) return { planned, assembled };
      return { lost, failure: new LostFrameError(lost[0].path, lost[0].reason) };
    } catch (failure) {
      if (!(failure instanceof LostFrameError)) throw failure;
      return { lost: await lostFrames(left, planned, failure), failure };
    }
  }
}

/** Frames whose windows may be of two files: written to while they were read. Of a copy only this run knows. */
async function changedFrames({ frames }: PlannedRun): Promise<RejectedFrame[]> {
  const changed: RejectedFrame[] = [];
  for (const { record, readPath, held } of frames) {
    if (readPath !== record.path || (held && !held.readable)) continue;
    const reason = await fileLoss(record);
    // one that is gone now was there while it was read
    if (reason?.code === 'frames_reject_changed') changed.push({ path: record.path, reason });
  }
  return changed;
}

/**
 * Whether it is worth going on: with fewer files and some light, and with all kinds of calibration frames that were asked for. What a mosaic that grows holds was calibrated
 * with all of them.
 */
function canGoOn(before: RunInputs, now: RunInputs): boolean {
  const kinds = ({ calibrationFrames }: RunInputs) => new Set(calibrationFrames.map(({ kind }) => kind)).size;
  if (now.scan.lights.length === 0 || filesOf(now).length === filesOf(before).length) return false;
  if (now.calibrationFrames.length === before.calibrationFrames.length) return true;
  return now.increment === undefined && kinds(now) === kinds(before);
}

const filesOf = ({ scan, calibrationFrames }: RunInputs): FrameRecord[] => [
  ...scan.lights,
  ...calibrationFrames.map(({ record }) => record),
];

/** The frame that could not be read, and all others that are not what they were. */
async function lostFrames(
  inputs: RunInputs,
  planned: PlannedRun | undefined,
  { path: at, code, params }: LostFrameError,
): Promise<RejectedFrame[]> {
  const lost: RejectedFrame[] = [];
  for (const record of filesOf(inputs)) {
    const reason = await fileLoss(record);
    if (reason) lost.push({ path: record.path, reason });
  }
  const read = planned?.frames.find(({ readPath }) => readPath === at)?.record.path ?? at;
  if (!lost.some(({ path }) => path === read)) lost.push({ path: read, reason: { code, params } });
  return lost;
}

/** Frames of a mosaic that is added to stay in it: only their files are not read any more. */
function without(inputs: RunInputs, lost: readonly RejectedFrame[]): RunInputs {
  const out = new Set(lost.map(({ path }) => path));
  const isThere = ({ path }: FrameRecord) => !out.has(path);
  const { scan, calibrationFrames, increment } = inputs;
  const base = increment?.base;
  return {
    ...inputs,
    scan: { ...scan, lights: scan.lights.filter(isThere) },
    calibrationFrames: calibrationFrames.filter(({ record }) => isThere(record)),
    begun: undefined,
    increment: increment && {
      ...increment,
      lights: increment.lights.filter(isThere),
      base: base && { ...base, present: new Map([...base.present].filter(([, at]) => isThere(at))) },
    },
  };
}

/** All that were lost so far: what was told of an earlier plan is forgotten. */
function tell({ sink }: RunContext, inputs: RunInputs, lost: readonly RejectedFrame[]): void {
  const { scan, calibrationFrames, increment } = inputs;
  const params = { count: lost.length };
  sink.emit({ type: 'warning', message: { code: 'pipeline_frames_lost', params } });
  const lights = new Set((increment?.lights ?? scan.lights).map(({ path }) => path));
  const kinds = new Map(calibrationFrames.map(({ kind, record }) => [record.path, kind]));
  for (const { path, reason } of lost) {
    const kind = kinds.get(path);
    if (lights.has(path)) sink.emit({ type: 'frame-rejected', path, reason });
    else if (kind)
      sink.emit({ type: 'warning', message: { code: 'calibration_lost', params: { path, kind } } });
  }
}

// The choice at the start of an incremental run: a new mosaic with what adding to it will need, or the frames that the one that is there lacks.
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { parseWcs } from '../../astrometry/wcs/parse-wcs.js';
import { wcsCards, type WcsCard } from '../../astrometry/wcs/wcs-cards.js';
import type { CelestialWcs } from '../../astrometry/wcs/celestial-wcs.js';
import type { Workspace } from '../../cleanup/workspace.js';
import { CodedError } from '../../errors.js';
import { FitsHeader } from '../../fits/header.js';
import { consistentSet } from '../../frames/consistency.js';
import type { FrameRecord } from '../../frames/frame-record.js';
import { placeFrame } from '../phases/ingest.js';
import type { Calibrations } from '../phases/calibration.js';
import { placedRecord } from '../phases/solve.js';
import type { OutputGrid } from '../planning/output-grid.js';
import type { MeasuredFrame } from '../planning/placed-frame.js';
import { RunMemory } from '../resume/run-memory.js';
import type { RunContext } from '../run-context.js';
import {
  differingKeys,
  mosaicMark,
  readIncrement,
  settingsOf,
  type FileMark,
  type IncrementState,
} from './increment-state.js';

/** The mosaic that is there cannot be added to. */
export class IncrementError extends CodedError {}

/** A mosaic that frames are added to. */
export interface IncrementBase {
  readonly state: IncrementState;
  readonly grid: OutputGrid;
  /** Its science image. */
  readonly mosaicPath: string;
  /** Frames of the input folder that it holds, by their paths. */
  readonly present: ReadonlyMap<string, FrameRecord>;
}

export interface BegunIncrement {
  /** Beside the mosaic: measures of frames, and the state. */
  readonly dir: string;
  readonly mosaicPath: string;
  readonly memory: RunMemory;
  readonly marks: ReadonlyMap<string, FileMark>;
  /** Frames to be measured and integrated. */
  readonly lights: readonly FrameRecord[];
  readonly base?: IncrementBase;
}

/**
 * @throws IncrementError when the mosaic that is there was made with other settings, has changed since, holds a frame whose file has changed, or has
 * lost its state.
 */
export async function beginIncrement(
  context: RunContext,
  workspace: Workspace,
  lights: readonly FrameRecord[],
): Promise<BegunIncrement> {
  const { config, directories, sink } = context;
  const stem = path.join(directories.outputDir, config.output_name);
  const [dir, mosaicPath] = [`${stem}_incremental`, `${stem}_science.fits`];
  const state = await readIncrement(dir);
  if (state === 'unreadable') throw new IncrementError('pipeline_incremental_unreadable', { dir });
  const marks = new Map<string, FileMark>();
  for (const { path: at } of lights) marks.set(at, await markOf(at));
  for (const { mark } of state?.frames ?? []) if (!marks.has(mark.path)) marks.set(mark.path, mark);
  const base = state && (await judged(context, dir, mosaicPath, state, lights, marks));
  await mkdir(dir, { recursive: true });
  // a person's, like the mosaic itself: no teardown takes it
  for (const name of ['frames.bin', 'places.bin', 'cells.bin']) {
    await workspace.registerOutput(path.join(dir, name));
  }
  const memory = await RunMemory.open(dir, (at) => keyOf(marks.get(at)!));
  const begun = { dir, mosaicPath, memory, marks };
  if (!base) return { ...begun, lights };
  const held = base.state.frames.map(({ record }) => record);
  const missing = lights.filter(({ path: at }) => !base.present.has(at));
  const { refused } = consistentSet([...held, ...missing]);
  const unfit = new Map(refused.map(({ record, reason }) => [record, reason]));
  for (const record of missing) {
    const reason = unfit.get(record);
    if (reason) sink.emit({ type: 'frame-rejected', path: record.path, reason });
  }
  return { ...begun, lights: missing.filter((record) => !unfit.has(record)), base };
}

/** The mosaic that is there; undefined where it is not the one that was left (a run was killed, or somebody changed it) and can be made anew. */
async function judged(
  { config, sink }: RunContext,
  dir: string,
  mosaicPath: string,
  state: IncrementState,
  lights: readonly FrameRecord[],
  marks: ReadonlyMap<string, FileMark>,
): Promise<IncrementBase | undefined> {
  const keys = differingKeys(state.settings, settingsOf(config));
  if (keys.length > 0)
    throw new IncrementError('pipeline_incremental_settings', { keys: keys.join(', '), dir });
  const integrated = new Map(state.frames.map(({ mark }) => [mark.path, mark]));
  const present = new Map<string, FrameRecord>();
  for (const record of lights) {
    const then = integrated.get(record.path);
    if (!then) continue;
    if (keyOf(then) !== keyOf(marks.get(record.path)!))
      throw new IncrementError('pipeline_incremental_frame', { path: record.path, dir });
    present.set(record.path, record);
  }
  const now = await mosaicMark(mosaicPath);
  if (JSON.stringify(now) !== JSON.stringify(state.mosaic)) {
    const missing = state.frames.length - present.size;
    if (missing > 0)
      throw new IncrementError('pipeline_incremental_mosaic', { path: mosaicPath, dir, missing });
    sink.emit({
      type: 'notice',
      message: { code: 'pipeline_incremental_anew', params: { path: mosaicPath } },
    });
    return undefined;
  }
  const { wcs: cards, ...grid } = state.grid;
  return { state, mosaicPath, present, grid: { ...grid, wcs: wcsFrom(cards, grid.nx, grid.ny) } };
}

/** The frames of the mosaic, as they were measured and brought to one level. */
export async function heldFrames(
  { dir, memory, base }: BegunIncrement,
  calibrations: Calibrations,
): Promise<MeasuredFrame[]> {
  const held: MeasuredFrame[] = [];
  for (const { record: then, wcs: cards, levels, solution } of base?.state.frames ?? []) {
    const found = base!.present.get(then.path);
    const seen = memory.seen(then.path);
    if (!seen || 'reason' in seen) throw new IncrementError('pipeline_incremental_unreadable', { dir });
    const placed = cards ? { wcs: wcsFrom(cards, then.width, then.height) } : await placeFrame(then);
    if ('reason' in placed) throw new IncrementError('pipeline_incremental_unreadable', { dir });
    const calibration = found && calibrations.get(found);
    held.push({
      ...seen,
      record: placedRecord(then, placed.wcs),
      wcs: placed.wcs,
      readPath: then.path,
      ...(calibration && { calibration }),
      ...(solution && { solution }),
      held: { levels, readable: found !== undefined && !then.wholeFileCompression },
    });
  }
  return held;
}

/** Cards of a WCS; undefined for one that cards cannot hold. */
export function cardsOf(wcs: CelestialWcs): readonly WcsCard[] | undefined {
  const { distortions } = wcs.describe();
  return distortions.includes('lookup') || distortions.includes('dss') ? undefined : wcsCards(wcs);
}

function wcsFrom(cards: readonly WcsCard[], nx: number, ny: number): CelestialWcs {
  const size = [
    { key: 'NAXIS', value: 2, comment: '' },
    { key: 'NAXIS1', value: nx, comment: '' },
    { key: 'NAXIS2', value: ny, comment: '' },
  ];
  return parseWcs(new FitsHeader([...size, ...cards]));
}

async function markOf(at: string): Promise<FileMark> {
  const { size, mtimeMs } = await stat(at);
  return { path: at, bytes: size, modifiedMs: mtimeMs };
}

function keyOf({ path: at, bytes, modifiedMs }: FileMark): string {
  return `${at} ${bytes} ${modifiedMs}`;
}

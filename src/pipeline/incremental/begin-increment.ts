// The choice at the start of an incremental run: a new mosaic with what adding to it will need, or the frames that the one that is there lacks.
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { parseWcs } from '../../astrometry/wcs/parse-wcs.js';
import { wcsCards, type WcsCard } from '../../astrometry/wcs/wcs-cards.js';
import type { CelestialWcs } from '../../astrometry/wcs/celestial-wcs.js';
import type { Workspace } from '../../cleanup/workspace.js';
import { FitsHeader } from '../../fits/header.js';
import { excludedFrames } from '../../frames/excluded-frames.js';
import type { FrameRecord } from '../../frames/frame-record.js';
import { placeFrame } from '../phases/ingest.js';
import type { Calibrations } from '../phases/calibration.js';
import type { ScanResult } from '../phases/scan.js';
import { placedRecord } from '../phases/solve.js';
import type { OutputGrid } from '../planning/grid/output-grid.js';
import type { MeasuredFrame } from '../planning/grid/placed-frame.js';
import { RunMemory } from '../resume/run-memory.js';
import type { RunContext } from '../run-context.js';
import { fileDigest, fileMark, markKey, type FileMark } from '../../frames/file-mark.js';
import { dropOldSums } from './kept-sum.js';
import { settingsOf, type IncrementState, type IntegratedFrame } from './increment-state.js';
import { IncrementError, type StandingIncrement } from './standing-increment.js';

/** A mosaic that frames are added to. */
export interface IncrementBase {
  readonly state: IncrementState;
  readonly grid: OutputGrid;
  /** Its science image, and what is added to: the same unless that is kept apart. */
  readonly mosaicPath: string;
  readonly sumPath: string;
  /** Frames of the input folder that it holds. */
  readonly present: ReadonlyMap<IntegratedFrame, FrameRecord>;
}

export interface BegunIncrement {
  /** Beside the mosaic: measures of frames, and the state. */
  readonly dir: string;
  readonly memory: RunMemory;
  readonly marks: ReadonlyMap<string, FileMark>;
  /** What the memory has the measure of a frame of this run under, by its path. */
  readonly measuredUnder: (framePath: string) => string;
  /** Digest of the calibration frames of this run. */
  readonly calibration: string;
  /** Frames to be measured and integrated. */
  readonly lights: readonly FrameRecord[];
  /** Files looked at and frames of the mosaic, each once. */
  readonly total: number;
  readonly base?: IncrementBase;
}

/**
 * Measures are remembered under all that they depend on: the file, the settings, the calibration frames, the memory budget (which decides whether stars
 * are looked for) and the program's version. What failed is not remembered.
 * @throws IncrementError when a frame that the mosaic holds has changed or is to be left out, or the mosaic is not the one that was left and cannot be
 * made anew.
 */
export async function beginIncrement(
  { config, directories, sink }: RunContext,
  workspace: Workspace,
  version: string,
  { dir, mosaicPath, state, lacks }: StandingIncrement,
  scan: ScanResult,
  calibrationFrames: readonly FrameRecord[],
): Promise<BegunIncrement> {
  const marks = new Map(
    scan.lights.map(({ path: at, bytes, modifiedMs }): [string, FileMark] => {
      return [at, { path: at, bytes, modifiedMs }];
    }),
  );
  const calibration = digestOf(
    calibrationFrames.map(({ path: at, bytes, modifiedMs }) => ({ path: at, bytes, modifiedMs })),
  );
  const under = digestOf([version, settingsOf(config), config.memory_budget_mb, calibration]);
  const measuredUnder = (at: string) => `${markKey(marks.get(at)!)} ${under}`;
  const excluded = await excludedFrames(directories.excludeFramesFile, directories.inputDir);
  if (state && !lacks) refuseTakingOut(state, excluded, dir);
  const held = state ? presentFrames(state, scan.lights, marks) : new Map<IntegratedFrame, FrameRecord>();
  let base: IncrementBase | undefined;
  if (state && !lacks) {
    const { wcs: cards, ...grid } = state.grid;
    const wcs = wcsFrom(cards, grid.nx, grid.ny);
    await refuseChanged(state, scan, marks, dir);
    const sumPath = state.sum ? path.join(dir, state.sum.name) : mosaicPath;
    base = { state, mosaicPath, sumPath, present: held, grid: { ...grid, wcs } };
  } else if (state && lacks) {
    const missing = state.frames.filter(
      (frame) => !held.has(frame) && !excluded.has(frame.record.path),
    ).length;
    if (missing > 0) throw new IncrementError('pipeline_incremental_mosaic', { path: lacks, dir, missing });
    const params = { path: lacks };
    sink.emit({ type: 'notice', message: { code: 'pipeline_incremental_anew', params } });
  }
  await mkdir(dir, { recursive: true });
  // a person's, like the mosaic itself: no teardown takes it
  for (const name of ['frames.bin', 'places.bin', 'cells.bin']) {
    await workspace.registerOutput(path.join(dir, name));
  }
  if (base) await dropOldSums(dir, [base.state.sum?.name]);
  const memory = await RunMemory.open(dir, { keyOf: measuredUnder, keepsFailures: false });
  const begun = { dir, memory, marks, measuredUnder, calibration };
  if (!base) return { ...begun, lights: scan.lights, total: scan.total };
  const present = new Set(held.values());
  const lookedAt = new Set([...scan.lights, ...scan.rejected].map(({ path: at }) => at));
  const elsewhere = base.state.frames.filter(
    (frame) => !held.has(frame) && !lookedAt.has(frame.record.path),
  ).length;
  return {
    ...begun,
    lights: scan.lights.filter((record) => !present.has(record)),
    total: scan.total + elsewhere,
    base,
  };
}

/** A mean cannot be taken apart again. */
function refuseTakingOut({ frames }: IncrementState, excluded: ReadonlySet<string>, dir: string): void {
  const out = frames.filter(({ record }) => excluded.has(record.path));
  if (out.length === 0) return;
  const params = { count: out.length, path: out[0].record.path, dir };
  throw new IncrementError('pipeline_incremental_excluded', params);
}

/** A frame whose file is another one now, be it one that the scan has refused: of another size or, where its time of change is another, of other content. */
async function refuseChanged(
  { frames }: IncrementState,
  { rejected }: ScanResult,
  marks: ReadonlyMap<string, FileMark>,
  dir: string,
): Promise<void> {
  const refused = new Set(rejected.map(({ path: at }) => at));
  for (const { mark, digest } of frames) {
    const now = marks.get(mark.path) ?? (refused.has(mark.path) ? await fileMark(mark.path) : mark);
    if (markKey(now) === markKey(mark)) continue;
    if (now.bytes !== mark.bytes || digest === undefined || (await fileDigest(now.path)) !== digest)
      throw new IncrementError('pipeline_incremental_frame', { path: mark.path, dir });
  }
}

/** The frames of the mosaic whose files are in the input folder, under the path that they had or another one. */
function presentFrames(
  { frames }: IncrementState,
  lights: readonly FrameRecord[],
  marks: ReadonlyMap<string, FileMark>,
): Map<IntegratedFrame, FrameRecord> {
  const byPath = new Map(lights.map((record) => [record.path, record]));
  const taken = new Set(frames.map(({ record }) => record.path));
  // a copied or renamed folder holds the same exposures: to add them again would count them twice
  const moved = new Map(
    lights.flatMap((record) => {
      const identity = taken.has(record.path) ? undefined : identityOf(record, marks.get(record.path)!);
      return identity === undefined ? [] : [[identity, record] as const];
    }),
  );
  const present = new Map<IntegratedFrame, FrameRecord>();
  for (const frame of frames) {
    const found = byPath.get(frame.record.path) ?? moved.get(identityOf(frame.record, frame.mark) ?? '');
    if (found) present.set(frame, found);
  }
  return present;
}

/** What tells an exposure from all others wherever its file lies; undefined where its header does not say when it was taken. */
function identityOf({ dateObs, exposureS }: FrameRecord, { path: at, bytes }: FileMark): string | undefined {
  return dateObs === undefined ? undefined : [path.basename(at), bytes, dateObs, exposureS].join('\n');
}

/** The frames of the mosaic, as they were measured and brought to one level. */
export async function heldFrames(
  { dir, memory, calibration: now, base }: BegunIncrement,
  calibrations: Calibrations,
): Promise<MeasuredFrame[]> {
  const held: MeasuredFrame[] = [];
  for (const frame of base?.state.frames ?? []) {
    const { record: then, wcs: cards, levels, solution, measuredUnder, calibration: under } = frame;
    const found = base!.present.get(frame);
    const seen = memory.seenUnder(measuredUnder);
    if (!seen || 'reason' in seen) throw new IncrementError('pipeline_incremental_unreadable', { dir });
    const placed = cards ? { wcs: wcsFrom(cards, then.width, then.height) } : await placeFrame(then);
    if ('reason' in placed) throw new IncrementError('pipeline_incremental_unreadable', { dir });
    const calibration = found && calibrations.get(found);
    const { path: at, relative, modifiedMs } = found ?? then;
    held.push({
      ...seen,
      record: placedRecord({ ...then, path: at, relative, modifiedMs }, placed.wcs),
      wcs: placed.wcs,
      readPath: at,
      ...(calibration && { calibration }),
      ...(solution && { solution }),
      held: {
        levels,
        // by other calibration frames its pixels would not be those that were measured
        readable: found !== undefined && !then.wholeFileCompression && under === now,
        kept: { measuredUnder, calibration: under, mark: frame.mark, digest: frame.digest },
      },
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

/** Digest of plain data. */
function digestOf(data: unknown): string {
  return createHash('sha256').update(JSON.stringify(data)).digest('hex');
}

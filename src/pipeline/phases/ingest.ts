// Phase 1: every light frame is made readable by windows, placed by its WCS or by its stars, and measured once; its pixels are not kept.
import { isDeepStrictEqual } from 'node:util';
import { asIcrs } from '../../astrometry/wcs/as-icrs.js';
import type { CelestialWcs } from '../../astrometry/wcs/celestial-wcs.js';
import type { SolveResult } from '../../astrometry/solver/solve-types.js';
import { loadLookupTables } from '../../astrometry/wcs/load-lookup-tables.js';
import { parseWcs } from '../../astrometry/wcs/parse-wcs.js';
import { WcsTransform } from '../../astrometry/wcs/wcs-transform.js';
import { DiskSpaceError } from '../../cleanup/disk-space.js';
import type { Workspace } from '../../cleanup/workspace.js';
import { DeviceError } from '../../compute/device-error.js';
import { BackendSelectionError } from '../../compute/select.js';
import type { FitsFile } from '../../fits/hdu.js';
import { FitsError } from '../../fits/fits-error.js';
import { openFits } from '../../fits/open-fits.js';
import { consistentSet } from '../../frames/consistency.js';
import { fileLoss } from '../../frames/file-loss.js';
import { FrameTwins } from '../../frames/frame-twins.js';
import { reasonOfError } from '../../frames/frame-reason.js';
import { imageBytes, type FrameRecord } from '../../frames/frame-record.js';
import { openHeaders } from '../../frames/open-headers.js';
import { fieldChoice } from '../../frames/sky-fields.js';
import { medianOf } from '../../photometry/mesh-repair.js';
import { warnOfApartFields } from '../account/warn-of-apart-fields.js';
import { readablePath, reserveCopy } from '../expand-input.js';
import { sideBySide } from '../side-by-side.js';
import { starMemoryMessage } from '../star-memory.js';
import { copiedInputBytes } from '../planning/mosaic-plan.js';
import type { MeasuredFrame, PlacedFrame } from '../planning/grid/placed-frame.js';
import type { Computing } from '../run-backend.js';
import { runPhase, type RejectedFrame, type RunContext } from '../run-context.js';
import { FrameStore } from './stored-frame.js';
import type { RunMemory, SeenFrame } from '../resume/run-memory.js';
import { copyTile } from '../tiles/copy-tile.js';
import { wcsDistancePx, WCS_LIE_PX } from '../tiles/placed-wrongly.js';
import type { Calibrations } from './calibration.js';
import { FramePlacer, type IngestedFrame } from './frame-placer.js';
import { MeasurePass, type CalibratedBy } from './measure-pass.js';
import { mustBeSolved } from './solve.js';

export interface IngestResult {
  readonly frames: readonly MeasuredFrame[];
  readonly rejected: readonly RejectedFrame[];
}

/** Places a frame by its headers alone: what a plan needs. Nothing is written. The reasons are those for which a run would reject it. */
export async function placeFrame(record: FrameRecord): Promise<PlacedFrame | Pick<RejectedFrame, 'reason'>> {
  try {
    const { fits } = await openHeaders(record.path);
    try {
      return { record, wcs: await wcsOf(fits, record) };
    } finally {
      await fits.close();
    }
  } catch (error) {
    return { reason: reasonOfError(error) };
  }
}

/** One of the record's own words, where it says the same: of thousands of frames these are a part of what is kept. */
async function wcsOf(fits: FitsFile, record: FrameRecord): Promise<CelestialWcs> {
  const { header } = fits.hdus[record.hdu];
  const wcs = asIcrs(parseWcs(header, { lookup: await loadLookupTables(fits, header) }));
  const description = record.wcs?.description;
  return wcs instanceof WcsTransform && description && isDeepStrictEqual(description, wcs.describe())
    ? new WcsTransform({ ...wcs.parts, description })
    : wcs;
}

/**
 * Measures all frames; one that cannot be read, shows no sky or is another one under a second name is rejected with its reason and the others go on. `held`: frames of a mosaic that
 * is to be added to, which decide what fits. `begun`: a pass that has begun with these frames, none of which is calibrated or remembered; it is closed.
 * @throws DiskSpaceError when the disk cannot take the expanded copies of compressed frames.
 */
export async function ingestFrames(
  context: RunContext,
  workspace: Workspace,
  records: readonly FrameRecord[],
  memory: RunMemory,
  computing: Computing,
  calibrations: Calibrations,
  held: readonly FrameRecord[] = [],
  begun?: MeasurePass,
): Promise<IngestResult> {
  const rejected: RejectedFrame[] = [];
  const reject = (frame: FrameRecord, reason: RejectedFrame['reason']) => {
    rejected.push({ path: frame.path, reason });
    context.sink.emit({ type: 'frame-rejected', path: frame.path, reason });
  };
  const placer = new FramePlacer(context, memory);
  const twins = new FrameTwins();
  const store = new FrameStore(records);
  const expanded = copiedInputBytes(records, context.config);
  if (expanded > 0) await workspace.requireSpace(workspace.workDir, expanded);
  // Tiles stay on this thread: there are few of them, and each waits for its copy.
  const forThreads = context.config.use_existing_master_tiles
    ? []
    : records
        .filter((record) => !memory.seen(record.path))
        .map((record) => ({ record, isCalibrated: calibrations.has(record) }));
  const looking = begun ?? new MeasurePass(context, forThreads);
  const tools: IngestTools = { placer, memory, looking };
  await runPhase(context, 'ingest', 'frames', records.length, async (step) => {
    await sideBySide(
      records,
      looking.atOnce,
      (record, index) => {
        const calibration = calibrations.get(record);
        const by = calibration && { calibration, computing };
        return ingestFrame(context, workspace, tools, record, by, index);
      },
      async ({ outcome, looked }, index) => {
        const record = records[index];
        if (looked) await memory.keepSeen(record.path, looked);
        const other = 'reason' in outcome ? undefined : twins.twinOf(record.relative, outcome);
        if ('reason' in outcome) placer.inTurn(() => reject(record, outcome.reason));
        else if (other)
          placer.inTurn(() => reject(record, { code: 'frames_reject_twin', params: { other } }));
        else placer.add(looked ? store.stored(outcome) : store.shortened(outcome));
        step();
      },
    );
    await placer.finish(workspace);
  }).finally(() => Promise.all([looking.close(), placer.close()]));
  await memory.keepPlaces(placer.results);
  const placed = placer.frames.flatMap((frame): MeasuredFrame[] => {
    if (frame.unsolved) reject(frame.record, frame.unsolved);
    return frame.wcs ? [{ ...frame, wcs: frame.wcs }] : [];
  });
  announceWithoutStars(context, placed);
  const solved = placed.filter(({ solution }) => solution);
  if (solved.length === 0) return { frames: placed, rejected };
  announceSolved(context, solved);
  // places that were not known when the folder was looked through
  const { refused, apart } = consistentSet(
    placed.map(({ record }) => record),
    held,
    fieldChoice(context.config.sky_field),
  );
  if (apart) warnOfApartFields(context.sink, apart);
  for (const { record, reason } of refused) reject(record, reason);
  const out = new Set(refused.map(({ record }) => record));
  return { frames: placed.filter(({ record }) => !out.has(record)), rejected };
}

function announceSolved({ sink }: RunContext, solved: readonly MeasuredFrame[]): void {
  const rms = medianOf(solved.map(({ solution }) => solution!.rmsPx));
  const params = { count: solved.length, rms: Number(rms.toFixed(2)) };
  sink.emit({ type: 'notice', message: { code: 'pipeline_frames_solved', params } });
}

/** What all frames of an ingest share. */
interface IngestTools {
  readonly placer: FramePlacer;
  readonly memory: RunMemory;
  readonly looking: MeasurePass;
}

interface Ingested {
  readonly outcome: IngestedFrame | Pick<RejectedFrame, 'reason'>;
  /** What its pixels showed, where no earlier run had looked at them. */
  readonly looked?: SeenFrame;
}

async function ingestFrame(
  context: RunContext,
  workspace: Workspace,
  tools: IngestTools,
  record: FrameRecord,
  by: CalibratedBy | undefined,
  index: number,
): Promise<Ingested> {
  const { ledger, config } = context;
  let looked: SeenFrame | undefined;
  try {
    const readPath = await readablePath(workspace, ledger, record, index);
    const fits = await openFits(readPath);
    try {
      const toSolve = mustBeSolved(record, config);
      const wcs = toSolve ? undefined : await wcsOf(fits, record);
      const tile = config.use_existing_master_tiles
        ? await ledger.time('copy', 'host', () => copyOf(workspace, fits, record, index))
        : undefined;
      let seen = tools.memory.seen(record.path);
      seen ??= looked = tile
        ? await using(tile.path, (copied) => tools.looking.look(copied, tile.record, undefined))
        : await tools.looking.look(fits, record, by);
      if ('reason' in seen) return { outcome: seen, looked };
      const { measure, stars } = seen;
      // what was measured may not be what was listed, nor what will be integrated
      const loss = await fileLoss(record);
      if (loss) return { outcome: { reason: loss } };
      const frame = tile
        ? { record: tile.record, wcs, readPath: tile.path, measure, stars, tile: tile.mask }
        : { record, wcs, readPath, measure, stars, calibration: by?.calibration };
      const check = () => tools.placer.check(record, stars);
      const lie = tile && wcs ? await wcsLie(context, record, wcs, check) : undefined;
      return { outcome: lie ? { reason: lie } : frame, looked };
    } finally {
      await fits.close();
    }
  } catch (error) {
    // to be stopped is no fault of the frame
    context.signal.throwIfAborted();
    // Nor that the device failed which calibrates it, or none takes its place,
    if (error instanceof DeviceError || error instanceof BackendSelectionError) throw error;
    // nor that our disk takes no more.
    if (error instanceof DiskSpaceError) throw error;
    if (error instanceof FitsError && error.code === 'fits_cannot_write') throw error;
    return { outcome: { reason: reasonOfError(error) }, looked };
  }
}

async function using<T>(file: string, action: (fits: FitsFile) => Promise<T>): Promise<T> {
  const fits = await openFits(file);
  try {
    return await action(fits);
  } finally {
    await fits.close();
  }
}

/** Why the WCS of a tile is not believed: the catalogue finds its stars elsewhere. A tile whose stars it does not find is taken at its word. */
async function wcsLie(
  { ledger }: RunContext,
  { width, height }: FrameRecord,
  wcs: CelestialWcs,
  search: () => Promise<SolveResult>,
): Promise<RejectedFrame['reason'] | undefined> {
  const found = await ledger.time('solve', 'host', async () => ({ result: await search(), bytes: 0 }));
  if (!found.solved) return undefined;
  const distance = wcsDistancePx(wcs, found.wcs, width, height);
  if (distance <= WCS_LIE_PX) return undefined;
  return { code: 'frames_reject_wcs_lies', params: { distance: Math.round(Math.min(distance, 1e6)) } };
}

/** The copy of a tile that the engine reads. */
async function copyOf(workspace: Workspace, fits: FitsFile, record: FrameRecord, index: number) {
  const to = await reserveCopy(workspace, record, `tile_${index}`);
  return { result: await copyTile(fits, record, to), bytes: imageBytes(record) };
}

/** Frames whose stars would not fit into the memory budget are matched by their exposures alone, which the user should know. */
function announceWithoutStars({ sink, config }: RunContext, frames: readonly MeasuredFrame[]): void {
  const messages = frames.flatMap(({ record }) => starMemoryMessage(record, config.memory_budget_mb) ?? []);
  if (messages.length === 0) return;
  const needed = Math.max(...messages.map(({ params }) => params.needed));
  const params = { count: messages.length, needed, budget: config.memory_budget_mb };
  sink.emit({ type: 'notice', message: { code: 'pipeline_stars_skipped', params } });
}

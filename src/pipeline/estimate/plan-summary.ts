// `plan`: what a run would do and cost, from headers alone; nothing is written.
import { statfs } from 'node:fs/promises';
import path from 'node:path';
import { footprint } from '../../astrometry/wcs/footprint.js';
import { runDirectories } from '../../config/directories.js';
import type { CodedMessage } from '../../config/errors.js';
import type { RunConfig } from '../../config/table.js';
import type { FrameRecord } from '../../frames/frame-record.js';
import { fileTwins } from '../../frames/frame-twins.js';
import { fieldChoice } from '../../frames/sky-fields.js';
import type { EventSink } from '../../report/events.js';
import type { PlannedFrame, PlanSummary } from '../../report/summaries.js';
import { diskBill } from './disk-bill.js';
import { warnOfApartFields } from '../account/warn-of-apart-fields.js';
import { gridNotices } from '../account/grid-planned.js';
import { estimateSeconds } from './estimate-time.js';
import { fieldsOfPlan } from './fields-of-plan.js';
import { groupOfEach, planGroups, planMode } from '../grouping/plan-groups.js';
import { placeFrame } from '../phases/ingest.js';
import { refuseForeignTree } from '../phases/save.js';
import { NoFramesError, scanInput } from '../phases/scan.js';
import { estimatedPlace, mustBeSolved } from '../phases/solve.js';
import { planMosaic, stackSettings, warpSettings } from '../planning/mosaic-plan.js';
import type { OutputGrid } from '../planning/grid/output-grid.js';
import type { CellRect } from '../planning/grid/pixel-map.js';
import type { PlacedFrame } from '../planning/grid/placed-frame.js';
import { requiredStems } from '../planning/required-stems.js';
import { foretellResume } from '../resume/begin-resume.js';
import { resumeKey } from '../resume/resume-key.js';
import type { RunServices } from '../mosaic-run.js';
import { StageLedger } from '../stage-ledger.js';

/**
 * Plans as a run would, except that frames which only their pixels would refuse are still counted as used, that frames which a run solves lie where
 * their headers say, and that a WCS is believed: all that means reading all pixels, and the estimate does not need to be that good. Notices tell how many.
 * Copies of a file count once.
 */
export async function planSummary(
  config: RunConfig,
  sink: EventSink,
  signal: AbortSignal,
  { provideBackend, version }: Pick<RunServices, 'provideBackend' | 'version'>,
): Promise<PlanSummary> {
  const directories = runDirectories(config);
  await refuseForeignTree({ config, directories });
  const assembling = await planMode({ config, directories });
  const { mode } = assembling;
  const scan = await scanInput({ config, directories, sink, signal, ledger: new StageLedger() });
  let frames: PlacedFrame[] = [];
  let listed: { readonly record: FrameRecord; readonly toSolve: boolean; readonly place?: PlacedFrame }[] =
    [];
  const rejected = [...scan.rejected];
  let [toSolve, unplaced, believed] = [0, 0, 0];
  const twins = await fileTwins(scan.lights, signal);
  for (const record of scan.lights) {
    signal.throwIfAborted();
    const other = twins.get(record);
    if (other !== undefined) {
      rejected.push({ path: record.path, reason: { code: 'frames_reject_twin', params: { other } } });
      continue;
    }
    if (mustBeSolved(record, config)) toSolve++;
    // a WCS that the run will not believe is still the best estimate
    if (!record.wcs) {
      const place = estimatedPlace(record);
      if (place) frames.push(place);
      else unplaced++;
      listed.push({ record, toSolve: true, ...(place && { place }) });
      continue;
    }
    const placed = await placeFrame(record);
    if ('reason' in placed) rejected.push({ path: record.path, reason: placed.reason });
    else {
      frames.push(placed);
      if (!mustBeSolved(record, config)) believed++;
      listed.push({ record, toSolve: mustBeSolved(record, config), place: placed });
    }
  }
  // frames that are still to be solved were of no field yet when the folder was looked through
  const { reasons, told } = fieldsOfPlan(frames, fieldChoice(config.sky_field));
  if (told) warnOfApartFields(sink, told);
  for (const [{ path: at }, reason] of reasons) rejected.push({ path: at, reason });
  frames = frames.filter(({ record }) => !reasons.has(record));
  listed = listed.filter(({ record }) => !reasons.has(record));
  if (frames.length === 0 && unplaced > 0) {
    throw new NoFramesError('pipeline_plan_no_place', { dir: directories.inputDir, count: unplaced });
  }
  if (frames.length === 0) {
    throw new NoFramesError('pipeline_no_usable_frames', { dir: directories.inputDir, total: scan.total });
  }
  const { backend, notices } = await provideBackend(config, requiredStems(config, scan.lights));
  try {
    const plan = planMosaic(frames, config, backend.info.limits, {
      stacksApart: mode !== 'mosaic_first',
    });
    const { grid, cells } = plan;
    const stacks = planGroups({ config, directories, sink }, assembling, frames, plan);
    const bill = diskBill(plan, config, stacks);
    const groups = groupOfEach(stacks, frames, config);
    const groupOf = new Map(frames.map((frame, f) => [frame, groups[f]]));
    const list = listed.map(({ record, toSolve: open, place }) =>
      plannedFrame(record, open, place, place && groupOf.get(place)),
    );
    const key = resumeKey(version, config, backend.info, scan.lights);
    const resume = await foretellResume(directories.outputDir, config.resume, key);
    return {
      frames: { total: scan.total, used: frames.length + unplaced, rejected, list },
      grid: {
        widthPx: grid.nx,
        heightPx: grid.ny,
        channels: plan.planes,
        pixelScaleArcsec: grid.scaleArcsec,
        centerRaDeg: grid.centre[0],
        centerDecDeg: grid.centre[1],
        rotationDeg: grid.rotationDeg,
        corners: cornersOf(grid, { x0: 0, y0: 0, width: grid.nx, height: grid.ny }),
      },
      cells: {
        count: cells.cells.length,
        widthPx: cells.widthPx,
        heightPx: cells.heightPx,
        readAmplification: cells.readAmplification,
        corners: cells.cells.map(({ rect }) => cornersOf(grid, rect)),
      },
      backend: `${backend.info.name} (${backend.info.device})`,
      memoryBytes: plan.memoryBytes,
      memoryBudgetBytes: config.memory_budget_mb * 2 ** 20,
      temporaryDiskBytes: bill.temporaryBytes,
      outputDiskBytes: bill.outputBytes,
      freeDiskBytes: await freeBytes(directories.outputDir),
      estimatedSeconds: await estimateSeconds(backend, plan, frames, {
        ...warpSettings(config),
        ...stackSettings(config),
      }),
      notices: [
        ...notices,
        ...resume,
        ...solveNotices(toSolve, unplaced, believed),
        ...gridNotices(grid, frames, config),
      ],
    };
  } finally {
    await backend.close();
  }
}

function plannedFrame(
  { path: at, width, height, exposureS, filter, dateObs, object }: FrameRecord,
  toSolve: boolean,
  place: PlacedFrame | undefined,
  group: number | undefined,
): PlannedFrame {
  const corners = place && footprint(place.wcs, width, height).slice(0, -1);
  return {
    path: at,
    widthPx: width,
    heightPx: height,
    exposureS,
    filter,
    dateObs,
    object,
    toSolve,
    ...(group !== undefined && { group }),
    ...(corners && { corners: corners.map(shortened) }),
  };
}

/** Outer corners of a rectangle of the grid; the grid is a tangent plane, so each of its pixels has a place. */
function cornersOf({ wcs }: OutputGrid, { x0, y0, width, height }: CellRect): [number, number][] {
  const corners: [number, number][] = [
    [x0, y0],
    [x0 + width, y0],
    [x0 + width, y0 + height],
    [x0, y0 + height],
  ];
  return corners.flatMap(([x, y]) => {
    const sky = wcs.pixelToSky(x + 0.5, y + 0.5);
    return sky ? [shortened(sky)] : [];
  });
}

/** To 0.004 arc seconds: for drawing. */
const shortened = ([ra, dec]: readonly [number, number]): [number, number] => [
  Number(ra.toFixed(6)),
  Number(dec.toFixed(6)),
];

function solveNotices(count: number, unplaced: number, believed: number): CodedMessage[] {
  return [
    ...(count > 0 ? [{ code: 'pipeline_plan_to_solve', params: { count } }] : []),
    ...(believed > 0 ? [{ code: 'pipeline_plan_believed', params: { count: believed } }] : []),
    ...(unplaced > 0 ? [{ code: 'pipeline_plan_unplaced', params: { count: unplaced } }] : []),
  ];
}

/** Free space on the disk of a folder that may not exist yet: that of its nearest ancestor. */
async function freeBytes(dir: string): Promise<number> {
  for (let at = path.resolve(dir); ; at = path.dirname(at)) {
    try {
      const { bavail, bsize } = await statfs(at);
      return bavail * bsize;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || path.dirname(at) === at) throw error;
    }
  }
}

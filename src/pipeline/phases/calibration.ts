// Calibration, as the beginning of the ingest: the frames that the user named are found, matched to the lights and combined to masters.
import type { Workspace } from '../../cleanup/workspace.js';
import type { CodedMessage } from '../../config/errors.js';
import { CodedError } from '../../errors.js';
import type { CalibrationKind } from '../../frames/classify.js';
import type { FrameRecord } from '../../frames/frame-record.js';
import { scanFile } from '../../frames/frame-record.js';
import { listFiles } from '../../frames/list-files.js';
import {
  groupCalibration,
  type CalibrationFrame,
  type CalibrationGroup,
} from '../calibration/calibration-group.js';
import type { FrameCalibration } from '../calibration/frame-calibration.js';
import { makeMaster, type Master, type MasterMaker } from '../calibration/make-master.js';
import { matchFlat, matchLight, type CalibrationMatch } from '../calibration/match-calibration.js';
import { FrameFiles } from '../integrate/windows/frame-files.js';
import { BASE_MEMORY_BYTES } from '../planning/mosaic-plan.js';
import type { Computing } from '../run-backend.js';
import { runPhase, type RunContext } from '../run-context.js';

/** Calibration frames that were asked for cannot be used. */
export class CalibrationError extends CodedError {}

/** Masters by light frame; a frame without any is not there. */
export type Calibrations = ReadonlyMap<FrameRecord, FrameCalibration>;

/** Share of the memory budget beside the program itself that a band of a master may take. */
const BAND_SHARE = 0.5;
const LEAST_BAND_BYTES = 16 * 2 ** 20;
/** Samples of masters that are written as 0..1 belong to cameras of this range. */
const SIXTEEN_BITS = 65535;

const KINDS: readonly CalibrationKind[] = ['bias', 'dark', 'dark_flat', 'flat'];

/**
 * The calibration frames that a run may use: those of the paths of the configuration, and with `calibration_from_input` those `found` among the lights.
 * @throws CalibrationError when a named path holds no calibration frame.
 */
export async function findCalibration(
  context: RunContext,
  found: readonly CalibrationFrame[],
): Promise<CalibrationFrame[]> {
  const { config, sink } = context;
  if (found.length > 0 && !config.calibration_from_input) {
    const params = { count: found.length };
    sink.emit({ type: 'notice', message: { code: 'calibration_input_unused', params } });
  }
  return [...(await namedFrames(context)), ...(config.calibration_from_input ? found : [])];
}

/**
 * Returns what each light is calibrated with, masters made.
 * @throws CalibrationError when nothing of a named path fits any light.
 */
export async function prepareCalibration(
  context: RunContext,
  workspace: Workspace,
  computing: Computing,
  lights: readonly FrameRecord[],
  frames: readonly CalibrationFrame[],
): Promise<Calibrations> {
  const { config, sink } = context;
  const notice = (code: string, params: CodedMessage['params']) =>
    sink.emit({ type: 'notice', message: { code, params } });
  if (frames.length === 0) return new Map();
  const groups = groupCalibration(frames);
  const options = {
    temperatureToleranceC: config.calibration_temperature_tolerance_c,
    scaleDarks: config.calibration_scale_darks,
  };
  const matches = new Map(lights.map((light) => [light, matchLight(groups, light, options)]));
  const pedestals = new Map(
    usedFlats(matches.values()).map((flat) => [flat, matchFlat(groups, flat)] as const),
  );
  const used = usedGroups(matches.values(), pedestals);
  refuseUnfitPaths(context, groups, used, matches);
  announceMatches(notice, matches, pedestals);
  const unused = groups.filter((group) => !used.has(group));
  for (const kind of KINDS) {
    const count = unused.reduce((sum, group) => sum + (group.kind === kind ? group.frames.length : 0), 0);
    if (count > 0) notice('calibration_frames_unused', { kind, count });
  }
  const masters = await makeMasters(context, workspace, computing, used, pedestals, lights);
  return new Map(
    [...matches].flatMap(([light, match]) => {
      const calibration = calibrationOf(light, match, masters);
      return calibration ? [[light, calibration] as const] : [];
    }),
  );
}

/** The frames below the paths of the configuration. */
async function namedFrames({ directories, sink }: RunContext): Promise<CalibrationFrame[]> {
  const frames: CalibrationFrame[] = [];
  for (const kind of KINDS) {
    const source = directories.calibration[kind];
    if (source === undefined) continue;
    const listing = await listFiles(source);
    let usable = 0;
    for (const file of listing.files) {
      const scanned = await scanFile(file);
      const { record } = scanned;
      // a dark-flat is often written as a dark, and a master may say nothing of its kind; another kind is a mistake
      const says = scanned.kind === 'calibration' ? scanned.calibration : undefined;
      const isLight = scanned.kind === 'light' && scanned.told === true;
      const fits =
        (says === undefined && !isLight) || says === kind || (kind === 'dark_flat' && says === 'dark');
      if (record && fits) {
        frames.push({ kind, record, source });
        usable++;
      } else {
        const params = { path: file.path, kind };
        const message =
          record || scanned.kind === 'light'
            ? { code: 'calibration_other_kind', params }
            : { code: 'calibration_unreadable', params, because: scanned.reason };
        sink.emit({ type: 'warning', message });
      }
    }
    if (usable === 0) throw new CalibrationError('calibration_path_empty', { path: source, kind });
  }
  return frames;
}

function usedFlats(matches: Iterable<CalibrationMatch>): CalibrationGroup[] {
  return [...new Set([...matches].flatMap(({ flat }) => flat ?? []))];
}

/** Groups in use, those that flats need before the flats. */
function usedGroups(
  matches: Iterable<CalibrationMatch>,
  pedestals: ReadonlyMap<CalibrationGroup, CalibrationGroup | undefined>,
): Set<CalibrationGroup> {
  const used = new Set<CalibrationGroup>();
  for (const pedestal of pedestals.values()) if (pedestal) used.add(pedestal);
  for (const { bias, dark } of matches) for (const use of [bias, dark]) if (use) used.add(use.group);
  for (const flat of pedestals.keys()) used.add(flat);
  return used;
}

/** A path that was named and of which nothing is used is a mistake that the user must hear of before the run. */
function refuseUnfitPaths(
  { directories }: RunContext,
  groups: readonly CalibrationGroup[],
  used: ReadonlySet<CalibrationGroup>,
  matches: ReadonlyMap<FrameRecord, CalibrationMatch>,
): void {
  for (const kind of KINDS) {
    const path = directories.calibration[kind];
    if (path === undefined || [...used].some((group) => group.kind === kind)) continue;
    // a bias beside darks of the right exposure is not needed: that is no fault
    const fits = groups.some((group) => group.kind === kind) && !isUnmatched(kind, matches);
    if (fits && kind !== 'dark_flat') continue;
    throw new CalibrationError('calibration_path_unfit', {
      path,
      kind,
      difference: firstDifference(kind, matches) ?? 'other',
    });
  }
}

function isUnmatched(kind: CalibrationKind, matches: ReadonlyMap<FrameRecord, CalibrationMatch>): boolean {
  return [...matches.values()].every(({ unmatched }) => unmatched.some((u) => u.kind === kind));
}

function firstDifference(kind: CalibrationKind, matches: ReadonlyMap<FrameRecord, CalibrationMatch>) {
  for (const { unmatched } of matches.values()) {
    const of = unmatched.find((u) => u.kind === kind);
    if (of) return of.difference;
  }
  return undefined;
}

type Notice = (code: string, params: CodedMessage['params']) => void;

/** What is used for how many lights, and what does not fit and why. */
function announceMatches(
  notice: Notice,
  matches: ReadonlyMap<FrameRecord, CalibrationMatch>,
  pedestals: ReadonlyMap<CalibrationGroup, CalibrationGroup | undefined>,
): void {
  const all = [...matches.values()];
  const count = (holds: (match: CalibrationMatch) => unknown) => all.filter(holds).length;
  notice('calibration_summary', {
    lights: all.length,
    darks: count(({ dark }) => dark),
    scaled: count(({ dark }) => dark && dark.scale !== 1),
    bias: count(({ bias }) => bias),
    flats: count(({ flat }) => flat),
  });
  const reasons = new Map<string, { kind: CalibrationKind; difference: string; count: number }>();
  for (const { unmatched } of all) {
    for (const { kind, difference } of unmatched) {
      const key = `${kind} ${difference}`;
      const reason = reasons.get(key) ?? { kind, difference, count: 0 };
      reason.count++;
      reasons.set(key, reason);
    }
  }
  for (const reason of reasons.values()) notice('calibration_unmatched', { ...reason });
  const bare = count(({ flat, dark, bias }) => flat && !dark && !bias);
  if (bare > 0) notice('calibration_no_pedestal', { count: bare });
  const flats = [...pedestals].filter(([, pedestal]) => !pedestal).length;
  if (flats > 0) notice('calibration_flat_no_pedestal', { count: flats });
}

async function makeMasters(
  context: RunContext,
  workspace: Workspace,
  computing: Computing,
  used: ReadonlySet<CalibrationGroup>,
  pedestals: ReadonlyMap<CalibrationGroup, CalibrationGroup | undefined>,
  lights: readonly FrameRecord[],
): Promise<Map<CalibrationGroup, Master>> {
  const { config, ledger, signal } = context;
  const files = new FrameFiles();
  const free = config.memory_budget_mb * 2 ** 20 - BASE_MEMORY_BYTES;
  const bandBytes = Math.min(
    Math.max(LEAST_BAND_BYTES, BAND_SHARE * free),
    BAND_SHARE * computing.info.limits.maxResidentBytes,
    computing.info.limits.maxBufferBytes,
  );
  const maker: MasterMaker = { computing, workspace, ledger, files, signal, bandBytes };
  const bytes = [...used].reduce((sum, { frames: [{ record }] }) => {
    return sum + 4 * record.width * record.height * record.planes;
  }, 0);
  await workspace.requireSpace(workspace.workDir, bytes);
  const integers = lights.some(({ bitpix }) => bitpix > 0);
  const colours = lights.find(({ sensor }) => sensor.kind === 'cfa')?.sensor;
  const masters = new Map<CalibrationGroup, Master>();
  try {
    await runPhase(context, 'calibration', 'groups', used.size, async (step) => {
      for (const group of used) {
        const pedestal = pedestals.get(group);
        const { sensor, planes } = group.frames[0].record;
        const own = sensor.kind === 'cfa' ? sensor : planes === 1 ? colours : undefined;
        const master = await makeMaster(maker, {
          group,
          name: `${group.kind}_${masters.size}`,
          ...(pedestal && { pedestal: masters.get(pedestal)! }),
          ...(own?.kind === 'cfa' && { sites: own.sites }),
          unit: integers ? SIXTEEN_BITS : 1,
        });
        masters.set(group, master);
        if (master.withoutPedestal > 0) {
          const params = { count: master.withoutPedestal };
          context.sink.emit({ type: 'notice', message: { code: 'calibration_flat_no_darker', params } });
        }
        step();
      }
    });
  } finally {
    await files.close();
  }
  return masters;
}

function calibrationOf(
  { saturation }: FrameRecord,
  { bias, dark, flat }: CalibrationMatch,
  masters: ReadonlyMap<CalibrationGroup, Master>,
): FrameCalibration | undefined {
  if (!bias && !dark && !flat) return undefined;
  const use = (of: NonNullable<typeof bias>) => ({ path: masters.get(of.group)!.path, scale: of.scale });
  const pedestal = [bias, dark].reduce(
    (sum, of) => sum + (of ? of.scale * masters.get(of.group)!.mean : 0),
    0,
  );
  const brightest = flat ? Math.max(1, masters.get(flat)!.peak) : 1;
  return {
    ...(bias && { bias: use(bias) }),
    ...(dark && { dark: use(dark) }),
    ...(flat && { flat: masters.get(flat)!.path }),
    ...(saturation !== undefined && { saturation: (saturation - pedestal) / brightest }),
  };
}

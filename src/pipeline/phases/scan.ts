// Phase 0: the files of the input folder, looked at by their headers, each classified or refused with a reason.
import { consistentSet } from '../../frames/consistency.js';
import { excludedFrames } from '../../frames/excluded-frames.js';
import { scanFile, type FrameRecord } from '../../frames/frame-record.js';
import { fieldChoice } from '../../frames/sky-fields.js';
import { listFiles } from '../../frames/list-files.js';
import { CodedError } from '../../errors.js';
import { warnOfApartFields } from '../account/warn-of-apart-fields.js';
import type { CalibrationFrame } from '../calibration/calibration-group.js';
import { runPhase, type RejectedFrame, type RunContext } from '../run-context.js';

export interface ScanResult {
  /** Light frames that fit together by their headers, in canonical order; where those without a WCS lie shows in the ingest. */
  readonly lights: readonly FrameRecord[];
  readonly rejected: readonly RejectedFrame[];
  /** Calibration frames that lie among the lights; they are among `rejected` too. */
  readonly calibration: readonly CalibrationFrame[];
  /** Files looked at, and what could not be looked at: `lights` and `rejected` together. */
  readonly total: number;
}

/** There is nothing to make a mosaic of. */
export class NoFramesError extends CodedError {}

/** `held`: frames of a mosaic that is to be added to, which decide what fits. @throws NoFramesError when no light frame remains, and none is held. */
export async function scanInput(context: RunContext, held: readonly FrameRecord[] = []): Promise<ScanResult> {
  const { config, directories, sink } = context;
  const listing = await listFiles(directories.inputDir, {
    skip: [
      directories.outputDir,
      directories.runtimeTempDir,
      directories.imageCacheDir,
      directories.masterTileDir,
      directories.sdsTileDir,
      ...[directories.memmapDir, ...Object.values(directories.calibration)].filter((at) => at !== undefined),
    ],
    tiles: config.use_existing_master_tiles,
  });

  const excluded = await excludedFrames(directories.excludeFramesFile, directories.inputDir);
  const rejected: RejectedFrame[] = [];
  const reject = (path: string, reason: RejectedFrame['reason']) => {
    rejected.push({ path, reason });
    sink.emit({ type: 'frame-rejected', path, reason });
  };
  for (const { path, reason } of listing.passedOver) reject(path, reason);
  const total = listing.files.length + listing.passedOver.length;
  const lights: FrameRecord[] = [];
  const calibration: CalibrationFrame[] = [];
  await runPhase(context, 'scan', 'files', listing.files.length, async (step) => {
    for (const file of listing.files) {
      if (excluded.has(file.path)) {
        reject(file.path, { code: 'frames_reject_excluded', params: {} });
        step();
        continue;
      }
      const scanned = await scanFile(file, undefined, config.use_existing_master_tiles ? 'tiles' : 'frames');
      if (scanned.kind === 'calibration' && scanned.record && scanned.calibration) {
        calibration.push({ kind: scanned.calibration, record: scanned.record, source: undefined });
      }
      if (scanned.kind !== 'light') reject(file.path, scanned.reason);
      else lights.push(scanned.record);
      step();
    }
  });
  const heldPaths = new Set(held.map(({ path }) => path));
  const { refused, apart } = consistentSet(
    lights.filter(({ path }) => !heldPaths.has(path)),
    held,
    fieldChoice(config.sky_field),
  );
  if (apart) warnOfApartFields(sink, apart);
  for (const { record, reason } of refused) reject(record.path, reason);
  const out = new Set(refused.map(({ record }) => record));
  const fit = lights.filter((record) => !out.has(record));

  if (fit.length === 0 && (held.length === 0 || total === 0)) {
    throw total === 0
      ? new NoFramesError('pipeline_no_files', { dir: directories.inputDir })
      : new NoFramesError('pipeline_no_usable_frames', {
          dir: directories.inputDir,
          total,
        });
  }
  return { lights: fit, rejected, calibration, total };
}

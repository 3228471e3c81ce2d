// Frames are looked at while the device still opens: what they show depends on no backend where none calibrates them.
import type { Workspace } from '../../cleanup/workspace.js';
import type { FrameRecord } from '../../frames/frame-record.js';
import { calibrates } from '../calibration/calibrates.js';
import type { RunContext } from '../run-context.js';
import { MeasurePass } from './measure-pass.js';

/**
 * A pass that has begun with `lights`; nothing is remembered of them before they are asked for. Undefined where it has to wait: for the backend that calibrates, for the copies of
 * tiles, or for what a stopped run may remember of them.
 */
export async function measureAhead(
  context: RunContext,
  { resume }: Pick<Workspace, 'resume'>,
  lights: readonly FrameRecord[],
): Promise<MeasurePass | undefined> {
  const { config } = context;
  if (config.use_existing_master_tiles || calibrates(config)) return undefined;
  if (config.resume !== 'off' && (await resume.stoppedRuns()).length > 0) return undefined;
  const pass = new MeasurePass(
    context,
    lights.map((record) => ({ record, isCalibrated: false })),
  );
  // a file that is compressed as a whole is expanded first
  pass.lookAhead(lights.filter(({ wholeFileCompression }) => !wholeFileCompression));
  return pass;
}

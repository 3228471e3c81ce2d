// Which kernels a run will need, told from its configuration and its frames' headers, so that a backend without one is refused at the start.
import type { KernelStem } from '../../compute/contracts/index.js';
import type { RunConfig } from '../../config/table.js';
import type { FrameRecord } from '../../frames/frame-record.js';
import { calibrates } from '../calibration/calibrates.js';
import { masterStems } from '../calibration/make-master.js';
import { warpStems } from '../integrate/programs/frame-program.js';
import { stackStem } from '../integrate/programs/rejection.js';
import { guards } from '../integrate/programs/stack-program.js';
import { stackSettings, warpSettings } from './mosaic-plan.js';

/** The stems, in the order of their use. At least what the run's programs hold: samples may turn out to need no decoding on the device. */
export function requiredStems(
  config: RunConfig,
  frames: readonly Pick<FrameRecord, 'planes' | 'sensor'>[],
): KernelStem[] {
  const stems: KernelStem[] = [];
  if (frames.some(({ planes }) => planes === 1)) stems.push('decode');
  if (calibrates(config)) stems.push('calibrate');
  if (config.hot_pixel_correction && frames.some(({ sensor }) => sensor.kind !== 'rgb')) {
    stems.push('fix-hot-pixels');
  }
  const settings = warpSettings(config);
  const kinds = new Set(frames.map(({ sensor }) => sensor.kind));
  const warps = new Set([...kinds].flatMap((kind) => warpStems(kind, settings)));
  const masters = calibrates(config) ? masterStems : [];
  if (config.use_existing_master_tiles) return [...new Set([...stems, ...warps])];
  const stack = stackSettings(config);
  const guard: KernelStem[] = guards(stack) ? ['stack-median', 'guard-few'] : [];
  if (guards(stack) && stack.trailReach > 0) guard.push('guard-trails');
  const again: KernelStem[] = stack.drizzle
    ? ['drop-rejected', 'drizzle']
    : stack.radial
      ? ['drop-rejected', 'coadd-radial']
      : [];
  return [...new Set([...stems, ...masters, ...warps, ...guard, stackStem(stack), ...again])];
}

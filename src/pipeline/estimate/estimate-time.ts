// How long a run will take here: one small cell is computed for real and its cost scaled to the plan.
import type { ComputeBackend } from '../../compute/backend.js';
import type { WarpSettings } from '../integrate/programs/frame-program.js';
import type { StackSettings } from '../integrate/programs/stack-program.js';
import type { MosaicPlan } from '../planning/mosaic-plan.js';
import type { PlacedFrame } from '../planning/grid/placed-frame.js';
import { computeTrialCell } from './trial-cell.js';

/** Side of the trial cell, and most frames in it: about a megasample, enough for caches and pipelines to be warm. */
const SIDE = 256;
const MAX_SLOTS = 6;
/** Any pattern costs the same. */
const RGGB = 0b10_01_01_00;
/** Seconds a pixel for what the backend does not do: measuring a raw sample, writing a value of the products. Measured on one core of 2020. */
const MEASURE_SECONDS = 1.1e-7;
const SAVE_SECONDS = 7e-8;

/** Pixels of the grid that a frame covers. */
function gridPixels({ record: { width, height }, wcs }: PlacedFrame, { grid }: MosaicPlan): number {
  const scale = wcs.pixelScaleArcsec((width + 1) / 2, (height + 1) / 2) / grid.scaleArcsec;
  return width * height * scale ** 2;
}

/** Seconds, to a factor of about 1.5. */
export async function estimateSeconds(
  backend: ComputeBackend,
  plan: MosaicPlan,
  frames: readonly PlacedFrame[],
  settings: WarpSettings & StackSettings,
): Promise<number> {
  const slots = Math.max(1, Math.min(MAX_SLOTS, plan.cells.maxFrames));
  const layout = frames[0].record.sensor;
  const sensor = layout.kind === 'cfa' ? ({ kind: 'cfa', pattern: RGGB } as const) : layout;
  await computeTrialCell(backend, { side: SIDE, slots: 1, sensor }, settings);
  const { warpSeconds, stackSeconds } = await computeTrialCell(
    backend,
    { side: SIDE, slots, sensor },
    settings,
  );
  backend.takeProfile();
  const raw = frames.reduce((sum, { record }) => sum + record.width * record.height, 0);
  const windows = raw * plan.cells.readAmplification;
  // a finer grid has more pixels to warp and to stack in each of a frame's
  const finer = frames.reduce((sum, frame) => sum + gridPixels(frame, plan), 0) / raw;
  const trialPixels = SIDE * SIDE * slots;
  return (
    (warpSeconds * windows * Math.max(1, finer)) / trialPixels +
    (stackSeconds * raw * finer) / trialPixels +
    MEASURE_SECONDS * raw +
    SAVE_SECONDS * plan.grid.nx * plan.grid.ny * (2 * plan.planes + 1)
  );
}

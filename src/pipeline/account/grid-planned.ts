// The plan of a run under way, for those who watch it: where its cells lie and what it will take.
import type { CodedMessage } from '../../config/errors.js';
import type { RunConfig } from '../../config/table.js';
import type { RunEvent } from '../../report/events.js';
import { diskBill } from '../estimate/disk-bill.js';
import type { FrameGroups } from '../grouping/frame-groups.js';
import { frameExtent } from '../planning/grid/frame-extent.js';
import { largestStep } from '../planning/grid/grid-step.js';
import { LARGEST_STEP, ROUNDING, type OutputGrid } from '../planning/grid/output-grid.js';
import type { PlacedFrame } from '../planning/grid/placed-frame.js';
import type { MosaicPlan } from '../planning/mosaic-plan.js';

/** What a user should know of a grid that is not simply the frames' own. */
export function gridNotices(
  grid: OutputGrid,
  frames: readonly PlacedFrame[],
  config: RunConfig,
): CodedMessage[] {
  const { binning = 1, scaleArcsec, pixelArea = 1 } = grid;
  const notices: CodedMessage[] = [];
  if (binning > 1) {
    const params = {
      factor: binning,
      fine: Number(scaleArcsec.toPrecision(4)),
      scale: Number((scaleArcsec * binning).toPrecision(4)),
    };
    notices.push({ code: 'pipeline_binned', params });
  }
  if (isFramesOwn(config) && pixelArea < 1) {
    const four = (value: number) => Number(value.toPrecision(4));
    const params = { scale: four(scaleArcsec), typical: four(scaleArcsec / Math.sqrt(pixelArea)) };
    notices.push({ code: 'pipeline_scale_of_finest', params });
  }
  // drops leave nothing out
  const extents = config.drizzle ? [] : frames.map((frame) => frameExtent(frame, config));
  const step = extents.reduce((most, frame) => Math.max(most, largestStep(grid, frame)), 0);
  if (step > LARGEST_STEP * (1 + ROUNDING))
    notices.push({ code: 'pipeline_grid_steps', params: { factor: Number(step.toPrecision(3)) } });
  return notices;
}

/** Whether the scale is that of the frames: nobody asked for another. */
function isFramesOwn(config: RunConfig): boolean {
  const { global_wcs_scale_arcsec: scale, global_wcs_res_override: size, global_wcs_scale_factor } = config;
  return scale === null && size === null && global_wcs_scale_factor === 1 && !config.drizzle;
}

export function gridPlanned(plan: MosaicPlan, config: RunConfig, stacks: FrameGroups | undefined): RunEvent {
  const bill = diskBill(plan, config, stacks);
  return {
    type: 'grid-planned',
    widthPx: plan.grid.nx,
    heightPx: plan.grid.ny,
    planes: plan.planes,
    pixelScaleArcsec: plan.grid.scaleArcsec,
    cells: plan.cells.cells.map(({ rect }) => rect),
    memoryBytes: plan.memoryBytes,
    memoryBudgetBytes: config.memory_budget_mb * 2 ** 20,
    temporaryDiskBytes: bill.temporaryBytes,
    outputDiskBytes: bill.outputBytes,
  };
}

// The plan of a run under way, for those who watch it: where its cells lie and what it will take.
import type { CodedMessage } from '../config/errors.js';
import type { RunConfig } from '../config/table.js';
import type { RunEvent } from '../report/events.js';
import type { OutputGrid } from './planning/output-grid.js';
import type { MosaicPlan } from './planning/mosaic-plan.js';

/** What a user should know of a grid that is not simply the frames' own. */
export function gridNotices({ binning = 1, scaleArcsec }: OutputGrid): CodedMessage[] {
  if (binning === 1) return [];
  const params = {
    factor: binning,
    fine: Number(scaleArcsec.toPrecision(4)),
    scale: Number((scaleArcsec * binning).toPrecision(4)),
  };
  return [{ code: 'pipeline_binned', params }];
}

export function gridPlanned(plan: MosaicPlan, config: RunConfig): RunEvent {
  return {
    type: 'grid-planned',
    widthPx: plan.grid.nx,
    heightPx: plan.grid.ny,
    planes: plan.planes,
    pixelScaleArcsec: plan.grid.scaleArcsec,
    cells: plan.cells.cells.map(({ rect }) => rect),
    memoryBytes: plan.memoryBytes,
    memoryBudgetBytes: config.memory_budget_mb * 2 ** 20,
    temporaryDiskBytes: (config.coadd_use_memmap ? plan.canvasBytes : 0) + plan.expandedInputBytes,
    outputDiskBytes: plan.outputBytes,
  };
}

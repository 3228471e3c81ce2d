// What a run takes of the disk, in one place for `plan` and for the run itself.
import type { RunConfig } from '../../config/table.js';
import type { FrameGroups } from '../grouping/frame-groups.js';
import { arraysApart, savesTiles } from '../tiles/arrays-apart.js';
import { blendBytes } from '../phases/blend-stacks.js';
import type { MosaicPlan } from '../planning/mosaic-plan.js';
import { tileBytes } from '../tiles/master-tiles.js';

export interface DiskBill {
  /** While it runs: canvases, copies of inputs, stacks of groups, or warped tiles, and their blend. */
  readonly temporaryBytes: number;
  /** What stays. */
  readonly outputBytes: number;
}

/** `stacks`: the groups that are stacked apart; undefined where there are none. */
export function diskBill(plan: MosaicPlan, config: RunConfig, stacks: FrameGroups | undefined): DiskBill {
  const apart = arraysApart(config, stacks, plan.spans.length);
  const tiles = apart ? tileBytes(apart.groups, plan) : 0;
  // stacks that are kept have arrays, and files, which are outputs where they are asked for
  const tileFiles = savesTiles(config) && !config.save_master_tiles ? tiles : 0;
  const blend = tiles > 0 ? blendBytes(plan, config) : 0;
  return {
    temporaryBytes:
      (config.coadd_use_memmap ? plan.canvasBytes : 0) + plan.expandedInputBytes + tiles + tileFiles + blend,
    outputBytes: plan.outputBytes + (config.save_master_tiles ? tiles : 0),
  };
}

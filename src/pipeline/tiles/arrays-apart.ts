// Whether stacks of groups have arrays of their own beside the mosaic's, and become files.
import type { RunConfig } from '../../config/table.js';
import type { FrameGroups } from '../grouping/frame-groups.js';
import { blendsStacks } from '../phases/blend-stacks.js';

/** Whether the stacks of groups become files: as outputs, or with all that is temporary. Finished tiles are files already. */
export const savesTiles = (config: RunConfig): boolean =>
  !config.use_existing_master_tiles && (config.save_master_tiles || !config.cleanup_temp_artifacts);

/** What has arrays of its own, for files or to be blended: the stacks of groups, or each of the finished tiles that the `inputs` are. */
export function arraysApart(
  config: RunConfig,
  groups: FrameGroups | undefined,
  inputs: number,
): FrameGroups | undefined {
  if (!config.coadd_use_memmap || !(savesTiles(config) || blendsStacks(config))) return undefined;
  if (!config.use_existing_master_tiles) return groups;
  return { mode: 'classic', groups: Array.from({ length: inputs }, (_, f) => [f]) };
}

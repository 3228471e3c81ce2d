// The groups of a run, by its mode: clusters of a panel each (classic), batches over the whole canvas (SDS), or what a stack_plan.csv says (grid).
import path from 'node:path';
import { BLOCK_SIZE } from '../../compute/constants.js';
import type { RunConfig } from '../../config/table.js';
import type { BlockSpans } from '../planning/grid/block-spans.js';
import type { MosaicPlan } from '../planning/mosaic-plan.js';
import { orientationDeg } from '../planning/grid/grid-orientation.js';
import type { PlacedFrame } from '../planning/grid/placed-frame.js';
import type { RunContext } from '../run-context.js';
import { cappedBatches, coverageBatches } from './batches.js';
import { clusterFrames, separationDeg, type ClusterFrame } from './cluster-frames.js';
import type { AssemblyMode, FrameGroups } from './frame-groups.js';
import {
  groupsOfPlan,
  readStackPlan,
  STACK_PLAN_NAME,
  StackPlanError,
  type PlannedFile,
} from './stack-plan.js';

/** How a run puts its frames together, told before anything is measured. */
export interface ModePlan {
  readonly mode: AssemblyMode;
  /** Of the mode `grid`: the rows of its plan. */
  readonly stackPlan?: readonly PlannedFile[];
}

/**
 * Reads the stack plan where one is needed or may be meant. A mosaic that is added to and finished tiles have their frames stacked already.
 * @throws StackPlanError when a plan is needed and cannot be used.
 */
export async function planMode({
  config,
  directories: { inputDir },
}: Pick<RunContext, 'config' | 'directories'>): Promise<ModePlan> {
  if (config.incremental || config.use_existing_master_tiles) return { mode: 'mosaic_first' };
  const wanted = config.assembly_mode;
  const stackPlan = wanted === 'grid' || wanted === 'auto' ? await readStackPlan(inputDir) : undefined;
  if (wanted === 'grid' && !stackPlan)
    throw new StackPlanError('pipeline_stack_plan_missing', { path: path.join(inputDir, STACK_PLAN_NAME) });
  return { mode: modeOf(config, stackPlan !== undefined), ...(stackPlan && { stackPlan }) };
}

/** Undefined where frames are integrated straight onto the mosaic; a notice says that there are no stacks then, to who wants them kept. */
export function planGroups(
  { config, directories, sink }: Pick<RunContext, 'config' | 'directories' | 'sink'>,
  { mode, stackPlan }: ModePlan,
  frames: readonly PlacedFrame[],
  { grid, spans }: Pick<MosaicPlan, 'grid' | 'spans'>,
): FrameGroups | undefined {
  const folder = directories.inputDir;
  if (mode === 'mosaic_first') {
    const params = { name: 'save_master_tiles', other: 'assembly_mode', value: mode };
    if (config.save_master_tiles)
      sink.emit({ type: 'notice', message: { code: 'config_notice_without_effect', params } });
    return undefined;
  }
  const clustered = frames.map(clusterFrame);
  const inTime = (group: readonly number[]) =>
    [...group].sort((a, b) => clustered[a].timeMs - clustered[b].timeMs || a - b);
  const inOrder = (group: readonly number[]) => [...group].sort((a, b) => a - b);
  let groups: number[][];
  if (mode === 'grid') {
    const told = groupsOfPlan(
      stackPlan ?? [],
      folder,
      frames.map(({ record }) => record.path),
    );
    groups = told.groups;
    if (told.unplanned + told.unknown > 0) {
      const params = { unplanned: told.unplanned, unknown: told.unknown, path: STACK_PLAN_NAME };
      sink.emit({ type: 'warning', message: { code: 'pipeline_stack_plan_partial', params } });
    }
  } else if (mode === 'sds') {
    groups = coverageBatches(inTime([...frames.keys()]), (f) => blocksOf(spans[f], grid.nx), {
      coverage: config.sds_coverage_threshold,
      minFrames: config.sds_min_batch_size,
      targetFrames: config.sds_target_batch_size,
    });
  } else {
    const clusters = panelsOf(clustered, config);
    const overlap = config.batch_overlap_pct / 100;
    groups = centreOut(clusters, clustered, grid.centre).flatMap((cluster) =>
      cappedBatches(inTime(cluster), config.max_raw_per_master_tile, overlap),
    );
  }
  const sizes = groups.map((group) => group.length);
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  const params = { mode, groups: groups.length, least, most, even: least === most ? 'yes' : 'no' };
  sink.emit({ type: 'notice', message: { code: 'pipeline_groups', params } });
  return { mode, groups: groups.map(inOrder) };
}

function panelsOf(frames: readonly ClusterFrame[], config: RunConfig): number[][] {
  return clusterFrames(frames, {
    thresholdDeg: config.cluster_panel_threshold,
    targetGroups: config.cluster_target_groups,
    orientationSplitDeg: config.cluster_orientation_split_deg,
    splitNights: config.cluster_split_nights,
  });
}

/** The group of each frame as a plan shows it: what the mode stacks together, or the panels where it stacks nothing (`planned` undefined). */
export function groupOfEach(
  planned: FrameGroups | undefined,
  frames: readonly PlacedFrame[],
  config: RunConfig,
): Int32Array {
  const groups = planned?.groups ?? panelsOf(frames.map(clusterFrame), config);
  const groupOf = new Int32Array(frames.length);
  // A frame that two batches share counts for the first.
  for (let g = groups.length - 1; g >= 0; g--) for (const f of groups[g]) groupOf[f] = g;
  return groupOf;
}

/** Clusters of frames that show the same panel, however they are turned, whatever the night. */
export function panelClusters(frames: readonly ClusterFrame[], thresholdDeg: number): number[][] {
  return clusterFrames(frames, { thresholdDeg, targetGroups: 0, orientationSplitDeg: 0, splitNights: false });
}

/** What `auto` means: grid where a plan lies in the input folder, SDS where the reference program's key says so, else mosaic-first. */
export function modeOf(
  { assembly_mode, sds_mode_default }: Pick<RunConfig, 'assembly_mode' | 'sds_mode_default'>,
  hasPlan: boolean,
): AssemblyMode {
  if (assembly_mode !== 'auto') return assembly_mode;
  if (hasPlan) return 'grid';
  return sds_mode_default ? 'sds' : 'mosaic_first';
}

/** What the clustering needs to know of a frame. */
export function clusterFrame({ record, wcs }: PlacedFrame): ClusterFrame {
  const { width, height, dateObs, mount } = record;
  const at = new Float64Array(3);
  const middle = [(width + 1) / 2, (height + 1) / 2] as const;
  wcs.pixelToUnit(...middle, at);
  return {
    at: [at[0], at[1], at[2]],
    sideDeg: (Math.min(width, height) * wcs.pixelScaleArcsec(...middle)) / 3600,
    orientationDeg: orientationDeg(wcs, width, height),
    timeMs: dateObs === undefined ? NaN : Date.parse(dateObs),
    mount,
  };
}

/** Clusters by the distance of their nearest frame from the centre of the mosaic. */
function centreOut(
  clusters: readonly number[][],
  frames: readonly ClusterFrame[],
  [raDeg, decDeg]: readonly [number, number],
): number[][] {
  const [ra, dec] = [(raDeg * Math.PI) / 180, (decDeg * Math.PI) / 180];
  const centre = {
    at: [Math.cos(dec) * Math.cos(ra), Math.cos(dec) * Math.sin(ra), Math.sin(dec)] as const,
  };
  const distance = (cluster: readonly number[]) =>
    Math.min(...cluster.map((f) => separationDeg(frames[f], centre)));
  return clusters
    .map((cluster) => ({ cluster, away: distance(cluster) }))
    .sort((a, b) => a.away - b.away)
    .map(({ cluster }) => cluster);
}

/** Numbers of the blocks under a frame, row by row over the grid. */
function* blocksOf({ firstRow, spans }: BlockSpans, nx: number): Iterable<number> {
  const blocksX = Math.ceil(nx / BLOCK_SIZE);
  for (let r = 0; r < spans.length / 2; r++) {
    for (let b = spans[2 * r]; b <= spans[2 * r + 1]; b++) yield (firstRow + r) * blocksX + b;
  }
}

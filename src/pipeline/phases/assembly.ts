// Phase 5, mosaic-first: the frames are integrated straight onto the output grid, cell by cell, into the canvas.
import type { Workspace } from '../../cleanup/workspace.js';
import type { EventSink } from '../../report/events.js';
import { BaseMosaic } from '../incremental/base-mosaic.js';
import { takeOver } from '../incremental/take-over.js';
import { blankThin } from '../canvas/blank-thin.js';
import { countHoles } from '../canvas/count-holes.js';
import { writtenBlocks } from '../canvas/written-blocks.js';
import type { StackFade } from '../crop/altaz-fade.js';
import { cellTask, tellTasks, type CellTask } from '../incremental/cell-increment.js';
import type { HeldFrame } from '../planning/grid/placed-frame.js';
import { AssemblyArrays } from '../canvas/assembly-arrays.js';
import type { Canvas, MosaicCanvases } from '../canvas/canvas.js';
import { CellStore } from '../canvas/cell-store.js';
import { debugSelection, productKeepers } from '../integrate/keep-products.js';
import { FrameFiles } from '../integrate/windows/frame-files.js';
import { groupCounts, type FrameGroups } from '../grouping/frame-groups.js';
import { CellTurns, type CellHands, type OpenCell } from '../integrate/cell-turns.js';
import type { IntegrationFrame } from '../integrate/windows/integration-frame.js';
import { overlapped } from '../integrate/overlapped.js';
import type { Cell } from '../planning/cells/cells.js';
import type { CellRect } from '../planning/grid/pixel-map.js';
import type { IntegrationPlan } from '../planning/integration-plan.js';
import { stackSettings, warpSettings, type MosaicPlan } from '../planning/mosaic-plan.js';
import type { RunBackend } from '../run-backend.js';
import { CellCheckpoints } from '../resume/cell-checkpoints.js';
import { RunMemory } from '../resume/run-memory.js';
import { blendBytes } from './blend-stacks.js';
import { runPhase, type RunContext } from '../run-context.js';
import { arraysApart, savesTiles } from '../tiles/arrays-apart.js';
import type { WhenWarped } from '../tiles/coadd-cube.js';
import { MasterTiles } from '../tiles/master-tiles.js';
import { integrationDigest } from './integration-record.js';

/** The integrated mosaic and what its samples went through. */
export interface Assembled extends MosaicCanvases {
  /** Samples that stand in the mosaic, and samples rejected below and above. */
  readonly samples: { readonly used: number; readonly low: number; readonly high: number };
  /** The stacks of the groups, where they are to be kept. */
  readonly tiles?: MasterTiles;
  /** Brings to the disk what only memory holds: for a run that ends before its products are saved, to be gone on with or looked at. */
  readonly keep: () => Promise<void>;
}

export interface ResumeOptions {
  readonly memory: RunMemory;
  /** Longest time between two checkpoints; the usual one unless told. */
  readonly checkpointMs?: number;
  /** The mosaic that frames are added to. */
  readonly base?: AssemblyBase;
  /** Frames that are stacked apart. */
  readonly groups?: FrameGroups;
  /** How their stacks fade. */
  readonly fades?: readonly (StackFade | undefined)[];
}

export interface AssemblyBase {
  /** The image that it is read from, and where its first pixel lies on the grid. */
  readonly path: string;
  readonly offset: readonly [number, number];
  /** Set for the frames that it holds. */
  readonly held: readonly (HeldFrame | undefined)[];
}

/** @throws LostFrameError when a frame cannot be read any more. */
export async function assembleMosaic(
  context: RunContext,
  workspace: Workspace,
  plan: MosaicPlan,
  integration: IntegrationPlan,
  computing: RunBackend,
  { memory, checkpointMs, base, groups, fades }: ResumeOptions,
): Promise<Assembled> {
  const { config, ledger, signal, sink } = context;
  const arrays = new AssemblyArrays(workspace, plan, config);
  const canvases = await arrays.ofMosaic();
  const apart = arraysApart(config, groups, integration.frames.length);
  const tiles = apart && (await MasterTiles.make(apart, plan, arrays.tile));
  await requireRoom(context, workspace, plan, tiles);
  const checkpoints = new CellCheckpoints({
    // What stands in memory is gone with the run.
    memory: arrays.keepsCells ? memory : RunMemory.none(),
    work: [integrationDigest(plan, integration, groups), ...arrays.ids].join(' '),
    canvases: arrays.canvases,
    everyMs: checkpointMs,
  });
  if (checkpoints.done.size > 0) await arrays.load();
  const store = new CellStore(canvases, plan.planes, checkpoints, ledger);
  const files = new FrameFiles();
  const baseMosaic = base && (await BaseMosaic.open(base.path, base.offset));
  const stacks = groups && {
    groups: groups.groups,
    fades,
    counts: groupCounts(groups, integration.frames.length),
  };
  const isDebugged = debugSelection(config.keep_debug_cells);
  const hands: CellHands = {
    computing,
    context: {
      ...{ grid: plan.grid, files, ledger, signal, mostBytes: plan.cells.mostBytes },
      frames: stacks ? sharedOut(integration.frames, stacks.counts) : integration.frames,
      settings: { ...warpSettings(config), ...stackSettings(config, integration) },
      ...(tiles && !stacks && { whenWarped: tileTaker(tiles, integration.frames) }),
    },
    planes: plan.planes,
    stacks,
    ...(tiles && { whenStacked: (group, part) => tiles.add(group, part) }),
    store: (rect, stack, sums) => store.store(rect, stack, sums),
    keepersOf: (index) => (isDebugged(index) ? productKeepers(workspace, index) : undefined),
    whenSplit: once(() =>
      sink.emit({ type: 'notice', message: { code: 'pipeline_cell_split', params: {} } }),
    ),
  };
  const keep = async () => {
    await checkpoints.flush();
    // Beyond the cells that a resume reads, files are filled for whoever looks at them: the teardown removes all others.
    if (workspace.keepsArtifacts) await arrays.sync();
  };
  let isDone = false;
  try {
    const { cells } = plan.cells;
    await runPhase(context, 'assembly', 'cells', cells.length, async (step) => {
      for (const [index, { sums, by }] of checkpoints.done) {
        computing.credit(by, index);
        store.credit(sums);
        step();
      }
      if (baseMosaic) await takeOver(baseMosaic, canvases);
      const tasks = tasksOf(cells, base, sink);
      for (const { kind } of tasks) if (kind === 'stays') step();
      const open = openCells(tasks, checkpoints, baseMosaic);
      const turns = new CellTurns(open, hands);
      await overlapped(
        open.length,
        (turn, isOnItsWay) => turns.compute(turn, isOnItsWay),
        async (cell) => {
          await store.finish(cell);
          step();
        },
      );
    });
    const assembled = await whole(context, canvases, store, { groups, base });
    isDone = true;
    return { ...assembled, ...(tiles && { tiles }), keep };
  } finally {
    // A disk that takes no more tells so where it is written to; here it only means that less can be gone on with.
    // Once all is computed what is to be gone on with is kept by whoever fails to save it: a disk may take longer over the whole mosaic than the run has left.
    if (!isDone) await keep().catch(() => undefined);
    await files.close();
    await baseMosaic?.close();
  }
}

/** The canvases once all cells are in them, with what is known of them then. */
async function whole(
  { config, sink }: Pick<RunContext, 'config' | 'sink'>,
  canvases: MosaicCanvases,
  { samples }: Pick<CellStore, 'samples'>,
  { groups, base }: Pick<ResumeOptions, 'groups' | 'base'>,
): Promise<Omit<Assembled, 'tiles' | 'keep'>> {
  if (groups?.mode === 'sds' && config.sds_min_coverage_keep > 0)
    await blankThin(canvases, config.sds_min_coverage_keep);
  if (samples.used === 0 && !base)
    sink.emit({ type: 'warning', message: { code: 'pipeline_empty_mosaic', params: {} } });
  if (config.drizzle) await tellHoles(sink, canvases.weight);
  const written = await writtenBlocks(canvases.mosaic, canvases.weight);
  return { ...canvases, mosaic: { ...canvases.mosaic, written }, samples };
}

/** Asked for beside the canvases, which fill the same disk: what is computed must find room in the end. @throws DiskSpaceError */
async function requireRoom(
  { config, directories: { outputDir, memmapDir } }: RunContext,
  workspace: Workspace,
  plan: MosaicPlan,
  tiles: MasterTiles | undefined,
): Promise<void> {
  const tileBytes = (savesTiles(config) && tiles?.fileBytes(memmapDir === undefined)) || 0;
  const blend = tiles && memmapDir === undefined ? blendBytes(plan, config) : 0;
  await workspace.requireSpace(outputDir, plan.outputBytes + tileBytes + blend);
  if (tiles && memmapDir !== undefined) await workspace.requireSpace(memmapDir, blendBytes(plan, config));
}

/** What becomes of each cell; of a mosaic that is added to it is told. */
function tasksOf(cells: readonly Cell[], base: AssemblyBase | undefined, sink: EventSink): CellTask[] {
  if (!base) return cells.map((cell) => ({ kind: 'anew', cell }));
  const tasks = cells.map((cell) => cellTask(cell, base.held));
  tellTasks(sink, tasks, base.held);
  return tasks;
}

/** Cells that neither stay nor have been computed by a run that this one goes on for. */
function openCells(
  tasks: readonly CellTask[],
  { done }: Pick<CellCheckpoints, 'done'>,
  base: BaseMosaic | undefined,
): OpenCell[] {
  const addsTo = base && ((rect: CellRect) => base.read(rect, 1));
  return tasks.flatMap((task, index) =>
    task.kind === 'stays' || done.has(index)
      ? []
      : { index, cell: task.cell, ...(task.kind === 'adds' && { addsTo }) },
  );
}

/** Gives finished tiles to the blend, each under its frame's number. */
function tileTaker(tiles: MasterTiles, frames: readonly IntegrationFrame[]): WhenWarped {
  return (tile, rect, result) =>
    tiles.add(frames.indexOf(tile), { cell: { rect, frames: NO_FRAMES }, result });
}

/** `tell` the first time, nothing later. */
function once(tell: () => void): () => void {
  let isTold = false;
  return () => {
    if (!isTold) tell();
    isTold = true;
  };
}

const NO_FRAMES = new Uint32Array(0);

/** Frames whose weights are divided by the number of groups that they are in. */
function sharedOut(frames: readonly IntegrationFrame[], counts: Uint32Array): IntegrationFrame[] {
  return frames.map((frame, f) => ({ ...frame, weights: frame.weights.map((w) => w / counts[f]) }));
}

/** Pixels that drops have left blank among those that frames cover. */
async function tellHoles(sink: EventSink, weight: Canvas): Promise<void> {
  const { covered, blank } = await countHoles(weight);
  const percent = Number(((100 * blank) / Math.max(1, covered)).toPrecision(2));
  if (percent >= 0.1)
    sink.emit({ type: 'notice', message: { code: 'pipeline_drizzle_holes', params: { percent } } });
}

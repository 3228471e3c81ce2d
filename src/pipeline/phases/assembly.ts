// Phase 5, mosaic-first: the frames are integrated straight onto the output grid, cell by cell, into the canvas.
import type { Workspace } from '../../cleanup/workspace.js';
import type { BackendInfo } from '../../compute/backend.js';
import type { EventSink } from '../../report/events.js';
import { BaseMosaic } from '../incremental/base-mosaic.js';
import { takeOver } from '../incremental/take-over.js';
import { blankThin } from '../canvas/blank-thin.js';
import { countHoles } from '../canvas/count-holes.js';
import type { StackFade } from '../crop/altaz-fade.js';
import { cellTask, tellTasks, type CellTask } from '../incremental/cell-increment.js';
import type { HeldFrame } from '../planning/placed-frame.js';
import { AssemblyArrays } from '../canvas/assembly-arrays.js';
import type { Canvas, MosaicCanvases } from '../canvas/canvas.js';
import { debugSelection, productKeepers } from '../integrate/keep-products.js';
import { FrameFiles } from '../integrate/frame-files.js';
import { groupCounts, type FrameGroups } from '../grouping/frame-groups.js';
import { integrateGroups } from '../integrate/integrate-groups.js';
import type { IntegrationFrame } from '../integrate/integration-frame.js';
import { type IntegratedPart, integrateInParts } from '../integrate/cell-parts.js';
import { type CellContext, prepareCell, type PreparedCell } from '../integrate/integrate-cell.js';
import type { StackResult } from '../integrate/stack-program.js';
import { nothingStored, storeStack, type StoredSums } from '../canvas/store-stack.js';
import type { Cell } from '../planning/cells.js';
import type { CellRect } from '../planning/pixel-map.js';
import type { IntegrationPlan } from '../planning/integration-plan.js';
import { stackSettings, warpSettings, type MosaicPlan } from '../planning/mosaic-plan.js';
import type { RunBackend } from '../run-backend.js';
import { CellCheckpoints } from '../resume/cell-checkpoints.js';
import { RunMemory, type CellSums } from '../resume/run-memory.js';
import { blendBytes } from './blend-stacks.js';
import { runPhase, type RunContext } from '../run-context.js';
import { arraysApart, savesTiles } from '../tiles/arrays-apart.js';
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
  resume: ResumeOptions,
): Promise<Assembled> {
  const { config, sink } = context;
  const { planes } = plan;
  const arrays = new AssemblyArrays(workspace, plan, config);
  const canvases = await arrays.ofMosaic();
  const { mosaic, weight, rejected } = canvases;
  const apart = arraysApart(config, resume.groups, integration.frames.length);
  const tiles = apart && (await MasterTiles.make(apart, plan, arrays.tile));
  // Asked for beside the canvases, which fill the same disk: what is computed must find room in the end.
  const { outputDir, memmapDir } = context.directories;
  const tileBytes = (savesTiles(config) && tiles?.fileBytes(memmapDir === undefined)) || 0;
  const blend = tiles && memmapDir === undefined ? blendBytes(plan, config) : 0;
  await workspace.requireSpace(outputDir, plan.outputBytes + tileBytes + blend);
  if (tiles && memmapDir !== undefined) await workspace.requireSpace(memmapDir, blendBytes(plan, config));
  const checkpoints = new CellCheckpoints({
    // What stands in memory is gone with the run.
    memory: arrays.keepsCells ? resume.memory : RunMemory.none(),
    work: [integrationDigest(plan, integration, resume.groups), ...arrays.ids].join(' '),
    canvases: arrays.canvases,
    everyMs: resume.checkpointMs,
  });
  if (checkpoints.done.size > 0) await arrays.load();
  const samples = { used: 0, low: 0, high: 0 };
  let storedPixels = 0;
  let isDone = false;
  const debugCells = debugSelection(config.keep_debug_cells);
  const files = new FrameFiles();
  let isSplitTold = false;
  const baseMosaic = resume.base && (await BaseMosaic.open(resume.base.path, resume.base.offset));
  const addsTo = baseMosaic && ((rect: Cell['rect']) => baseMosaic.read(rect, 1));
  const stacks = resume.groups && {
    groups: resume.groups.groups,
    fades: resume.fades,
    counts: groupCounts(resume.groups, integration.frames.length),
  };
  const base: Omit<CellContext, 'backend'> = {
    grid: plan.grid,
    frames: stacks ? sharedOut(integration.frames, stacks.counts) : integration.frames,
    files,
    settings: { ...warpSettings(config), ...stackSettings(config, integration) },
    ledger: context.ledger,
    signal: context.signal,
  };
  try {
    const { cells } = plan.cells;
    await runPhase(context, 'assembly', 'cells', cells.length, async (step) => {
      for (const [index, { sums, by }] of checkpoints.done) {
        computing.credit(by, index);
        addSums(samples, sums);
        step();
      }
      if (baseMosaic) await takeOver(baseMosaic, canvases);
      const tasks = cells.map((cell): CellTask =>
        resume.base ? cellTask(cell, resume.base.held) : { kind: 'anew', cell },
      );
      const open = [...tasks.entries()].flatMap(([index, task]) =>
        task.kind === 'stays' || checkpoints.done.has(index)
          ? []
          : [[index, task.cell, task.kind === 'adds' ? addsTo : undefined] as const],
      );
      if (resume.base) tellTasks(sink, tasks, resume.base.held);
      for (const { kind } of tasks) if (kind === 'stays') step();
      // The windows of the next cell are read while this one is stacked, and go to the device while its stack comes back and is written; the cell before is done by then.
      let ahead: PreparedCell | undefined;
      let begun = 0;
      let before = Promise.resolve();
      let newest = before;
      try {
        for (const [turn, [index, cell, adding]] of open.entries()) {
          let prepared = ahead;
          ahead = undefined;
          const keeper = debugCells(index) ? productKeepers(workspace, index) : undefined;
          let stored = nothingStored();
          let whenStacking = () => {};
          const stacking = new Promise<void>((resolve) => (whenStacking = resolve));
          begun = turn;
          const computed = computing.compute(index, (backend) => {
            const first = prepared;
            prepared = undefined;
            // A backend that takes over begins with the cell again.
            const cellSums = (stored = nothingStored());
            const contextOf = () => ({
              ...base,
              backend,
              addsTo: adding,
              keepProduct: keeper?.(),
              ...(tiles && !stacks && { whenWarped }),
              ...(!stacks && {
                takeStack: (rect: CellRect, stack: StackResult) => store(rect, stack, cellSums),
              }),
            });
            if (stacks) {
              const hooks = { whenSplit: tellSplit };
              const whenStacked = tiles && ((group: number, part: IntegratedPart) => tiles.add(group, part));
              return integrateGroups(cell, plan.planes, stacks, contextOf, hooks, whenStacked);
            }
            return integrateInParts(cell, first, contextOf, {
              whenSplit: tellSplit,
              whenRead: () => {
                // a cell that begins again may be behind the newest
                if (turn === begun && turn + 1 < open.length) ahead ??= prepareCell(open[turn + 1][1], base);
              },
              whenStacking,
            });
          });
          const previous = before;
          newest = (async () => {
            const { result: parts, by } = await computed;
            await previous;
            await write(index, parts, stored, by);
            step();
          })();
          // Whether it failed is asked when the next cell has begun, and at the end.
          newest.catch(() => undefined);
          await Promise.race([stacking, computed]);
          await before;
          before = newest;
        }
        await before;
        isDone = true;
      } finally {
        await Promise.allSettled([before, newest]);
      }
    });
  } finally {
    // A disk that takes no more tells so where it is written to; here it only means that less can be gone on with.
    if (!isDone || !arrays.areHeld) await keep().catch(() => undefined);
    await files.close();
    await baseMosaic?.close();
  }
  if (resume.groups?.mode === 'sds' && config.sds_min_coverage_keep > 0)
    await blankThin(canvases, config.sds_min_coverage_keep);
  if (samples.used === 0 && !resume.base)
    sink.emit({ type: 'warning', message: { code: 'pipeline_empty_mosaic', params: {} } });
  if (config.drizzle) await tellHoles(sink, weight);
  const isWhole = storedPixels === plan.grid.nx * plan.grid.ny;
  return { ...canvases, mosaic: { ...mosaic, isWhole }, samples, ...(tiles && { tiles }), keep };

  /** A finished tile, for the blend. */
  async function whenWarped(tile: IntegrationFrame, rect: CellRect, result: StackResult): Promise<void> {
    await tiles!.add(integration.frames.indexOf(tile), { cell: { rect, frames: NO_FRAMES }, result });
  }

  async function keep(): Promise<void> {
    await checkpoints.flush();
    // Beyond the cells that a resume reads, files are filled for whoever looks at them: the teardown removes all others.
    if (workspace.keepsArtifacts) await arrays.sync();
  }

  async function write(
    index: number,
    parts: readonly IntegratedPart[],
    stored: StoredSums,
    by: BackendInfo,
  ): Promise<void> {
    for (const { cell, result } of parts) await store(cell.rect, result, stored);
    addSums(samples, stored);
    storedPixels += stored.stored;
    const { used, low, high } = stored;
    await checkpoints.finished(index, { sums: { used, low, high }, by });
  }

  async function store(rect: CellRect, stack: StackResult, sums: StoredSums): Promise<void> {
    await context.ledger.time('write', 'host', async () => ({
      result: await storeStack(rect, stack, planes, canvases, sums),
      bytes: 4 * rect.width * rect.height * ((rejected ? 4 : 2) * planes + 1),
    }));
  }

  function tellSplit(): void {
    if (!isSplitTold) sink.emit({ type: 'notice', message: { code: 'pipeline_cell_split', params: {} } });
    isSplitTold = true;
  }
}

const NO_FRAMES = new Uint32Array(0);

/** Frames whose weights are divided by the number of groups that they are in. */
function sharedOut(frames: readonly IntegrationFrame[], counts: Uint32Array): IntegrationFrame[] {
  return frames.map((frame, f) => ({ ...frame, weights: frame.weights.map((w) => w / counts[f]) }));
}

function addSums(total: { used: number; low: number; high: number }, { used, low, high }: CellSums): void {
  total.used += used;
  total.low += low;
  total.high += high;
}

/** Pixels that drops have left blank among those that frames cover. */
async function tellHoles(sink: EventSink, weight: Canvas): Promise<void> {
  const { covered, blank } = await countHoles(weight);
  const percent = Number(((100 * blank) / Math.max(1, covered)).toPrecision(2));
  if (percent >= 0.1)
    sink.emit({ type: 'notice', message: { code: 'pipeline_drizzle_holes', params: { percent } } });
}

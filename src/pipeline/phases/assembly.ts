// Phase 5, mosaic-first: the frames are integrated straight onto the output grid, cell by cell, into the canvas.
import type { Memmap } from '../../cleanup/memmap.js';
import type { MemmapSpec } from '../../cleanup/memmap-spec.js';
import type { Workspace } from '../../cleanup/workspace.js';
import type { BackendInfo } from '../../compute/backend.js';
import { wcsCards } from '../../astrometry/wcs/wcs-cards.js';
import { BaseMosaic } from '../incremental/base-mosaic.js';
import { takeOver } from '../incremental/take-over.js';
import { blankThin } from '../integrate/blank-thin.js';
import { countHoles } from '../integrate/count-holes.js';
import type { StackFade } from '../crop/altaz-fade.js';
import { cellTask, type CellTask } from '../incremental/cell-increment.js';
import type { HeldFrame } from '../planning/placed-frame.js';
import { memmapCanvas, memoryCanvas, type Canvas } from '../integrate/canvas.js';
import { heldCanvas, type HeldCanvas } from '../integrate/held-canvas.js';
import { debugSelection, productKeepers } from '../integrate/keep-products.js';
import { FrameFiles } from '../integrate/frame-files.js';
import { groupCounts, type FrameGroups } from '../grouping/frame-groups.js';
import { integrateGroups } from '../integrate/integrate-groups.js';
import type { IntegrationFrame } from '../integrate/integration-frame.js';
import { type IntegratedPart, integrateInParts } from '../integrate/cell-parts.js';
import { type CellContext, prepareCell, type PreparedCell } from '../integrate/integrate-cell.js';
import type { StackResult } from '../integrate/stack-program.js';
import { nothingStored, storeStack, type StoredSums } from '../integrate/store-stack.js';
import type { Cell } from '../planning/cells.js';
import { keepsRadial } from '../planning/keeps-sum.js';
import type { CellRect } from '../planning/pixel-map.js';
import type { IntegrationPlan } from '../planning/integration-plan.js';
import { stackSettings, warpSettings, type MosaicPlan } from '../planning/mosaic-plan.js';
import type { RunConfig } from '../../config/table.js';
import type { RunBackend } from '../run-backend.js';
import { CellCheckpoints } from '../resume/cell-checkpoints.js';
import { RunMemory, type CellSums } from '../resume/run-memory.js';
import { blendBytes, blendsStacks } from './blend-stacks.js';
import { runPhase, type RunContext } from '../run-context.js';
import { MasterTiles } from '../tiles/master-tiles.js';
import { integrationDigest } from './integration-record.js';

/** The integrated mosaic and what its samples went through. */
export interface Assembled {
  /** NaN, or not written, where there is no sample. */
  readonly mosaic: Canvas;
  /** Sum of the weights per plane; 0 = no sample. */
  readonly weight: Canvas;
  /** Frames in a pixel: the most of its planes. */
  readonly coverage: Canvas;
  /** Sum of the weights as they fell towards the edges of frames, per plane; where frames can be added to that. */
  readonly radial?: Canvas;
  /** Numbers of samples rejected below and above, per plane; where they are asked for. */
  readonly rejected?: { readonly low: Canvas; readonly high: Canvas };
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
  // an incremental run goes on from the mosaic that stands, not from canvases
  const keepsCells = config.coadd_use_memmap && !config.incremental;
  const held: HeldCanvas[] = [];
  const canvases = {
    mosaic: await makeCanvas('mosaic', plan.planes, 'pipeline_meaning_mosaic', 'adu'),
    weight: await makeCanvas('weight', plan.planes, 'pipeline_meaning_weight', 'adu-2'),
    coverage: await makeCanvas('coverage', undefined, 'pipeline_meaning_coverage', 'count'),
  };
  const [mosaic, weight, coverage] = Object.values(canvases).map(({ canvas }) => canvas);
  const maps = config.save_rejection_maps
    ? [
        await makeCanvas('rejected_low', plan.planes, 'pipeline_meaning_rejected', 'count'),
        await makeCanvas('rejected_high', plan.planes, 'pipeline_meaning_rejected', 'count'),
      ]
    : [];
  const falling = keepsRadial(config)
    ? (await makeCanvas('radial', plan.planes, 'pipeline_meaning_weight', 'adu-2')).canvas
    : undefined;
  const rejected = maps.length > 0 ? { low: maps[0].canvas, high: maps[1].canvas } : undefined;
  const tileIds: string[] = [];
  const apart = arraysApart(config, resume.groups, integration.frames.length);
  const tiles = apart && (await MasterTiles.make(apart, plan, makeTile));
  const all = [...Object.values(canvases), ...maps];
  // Asked for beside the canvases, which fill the same disk: what is computed must find room in the end.
  const { outputDir, memmapDir } = context.directories;
  const tileBytes = (savesTiles(config) && tiles?.fileBytes(memmapDir === undefined)) || 0;
  const blend = tiles && memmapDir === undefined ? blendBytes(plan, config) : 0;
  await workspace.requireSpace(outputDir, plan.outputBytes + tileBytes + blend);
  if (tiles && memmapDir !== undefined) await workspace.requireSpace(memmapDir, blendBytes(plan, config));
  const checkpoints = new CellCheckpoints({
    // What stands in memory is gone with the run.
    memory: keepsCells ? resume.memory : RunMemory.none(),
    work: [integrationDigest(plan, integration, resume.groups), ...all.map(({ id }) => id), ...tileIds].join(
      ' ',
    ),
    canvases: [
      ...all.map(({ canvas }) => canvas),
      ...(tiles?.canvases.flatMap((tile) => [tile.mosaic, tile.weight, tile.coverage]) ?? []),
    ],
    everyMs: resume.checkpointMs,
  });
  if (checkpoints.done.size > 0) for (const canvas of held) await canvas.load();
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
    settings: { ...warpSettings(config), ...stackSettings(config, integration.guardSlope) },
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
      if (baseMosaic) await takeOver(baseMosaic, { mosaic, weight, coverage, radial: falling });
      const tasks = cells.map((cell): CellTask =>
        resume.base ? cellTask(cell, resume.base.held) : { kind: 'anew', cell },
      );
      const open = [...tasks.entries()].flatMap(([index, task]) =>
        task.kind === 'stays' || checkpoints.done.has(index)
          ? []
          : [[index, task.cell, task.kind === 'adds' ? addsTo : undefined] as const],
      );
      if (resume.base) tellTasks(tasks, resume.base.held);
      for (const { kind } of tasks) if (kind === 'stays') step();
      // The windows of the next cell are read while this one is stacked, and the one before it is written.
      let ahead: PreparedCell | undefined;
      let written: Promise<unknown> = Promise.resolve();
      try {
        for (const [turn, [index, cell, adding]] of open.entries()) {
          let prepared = ahead;
          ahead = undefined;
          const keeper = debugCells(index) ? productKeepers(workspace, index) : undefined;
          let stored = nothingStored();
          const parts = await computing.compute(index, (backend) => {
            const begun = prepared;
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
              const hooks = { whenSplit: tellSplit, whenRead: () => undefined };
              const whenStacked = tiles && ((group: number, part: IntegratedPart) => tiles.add(group, part));
              return integrateGroups(cell, plan.planes, stacks, contextOf, hooks, whenStacked);
            }
            return integrateInParts(cell, begun, contextOf, {
              whenSplit: tellSplit,
              whenRead: () => {
                if (turn + 1 < open.length) ahead ??= prepareCell(open[turn + 1][1], base);
              },
            });
          });
          await written;
          written = write(index, parts, stored, computing.info).then(step);
          // Whether it failed is asked before the next write, and at the end.
          written.catch(() => undefined);
        }
        await written;
        isDone = true;
      } finally {
        await Promise.allSettled([written]);
      }
    });
  } finally {
    // A disk that takes no more tells so where it is written to; here it only means that less can be gone on with.
    if (!isDone || held.length === 0) await keep().catch(() => undefined);
    await files.close();
    await baseMosaic?.close();
  }
  if (resume.groups?.mode === 'sds' && config.sds_min_coverage_keep > 0)
    await blankThin({ mosaic, weight, coverage }, config.sds_min_coverage_keep);
  if (samples.used === 0 && !resume.base)
    sink.emit({ type: 'warning', message: { code: 'pipeline_empty_mosaic', params: {} } });
  if (config.drizzle) await tellHoles();
  const isWhole = storedPixels === plan.grid.nx * plan.grid.ny;
  return {
    mosaic: { ...mosaic, isWhole },
    weight,
    coverage,
    ...(falling && { radial: falling }),
    ...(rejected && { rejected }),
    samples,
    ...(tiles && { tiles }),
    keep,
  };

  /** A finished tile, for the blend. */
  async function whenWarped(tile: IntegrationFrame, rect: CellRect, result: StackResult): Promise<void> {
    await tiles!.add(integration.frames.indexOf(tile), { cell: { rect, frames: NO_FRAMES }, result });
  }

  async function keep(): Promise<void> {
    await checkpoints.flush();
    // Beyond the cells that a resume reads, files are filled for whoever looks at them: the teardown removes all others.
    if (workspace.keepsArtifacts) for (const canvas of held) await canvas.sync();
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
      result: await storeStack(
        rect,
        stack,
        plan.planes,
        { mosaic, weight, coverage, radial: falling, rejected },
        sums,
      ),
      bytes: 4 * rect.width * rect.height * ((rejected ? 4 : 2) * plan.planes + 1),
    }));
  }

  async function tellHoles(): Promise<void> {
    const { covered, blank } = await countHoles(weight);
    const percent = Number(((100 * blank) / Math.max(1, covered)).toPrecision(2));
    if (percent >= 0.1)
      sink.emit({ type: 'notice', message: { code: 'pipeline_drizzle_holes', params: { percent } } });
  }

  function tellTasks(tasks: readonly CellTask[], held: AssemblyBase['held']): void {
    const count = (kind: CellTask['kind']) => tasks.filter((task) => task.kind === kind).length;
    const old = held.filter((frame) => frame).length;
    const params = {
      held: old,
      added: held.length - old,
      anew: count('anew'),
      adds: count('adds'),
      stays: count('stays'),
    };
    sink.emit({ type: 'notice', message: { code: 'pipeline_incremental_adding', params } });
  }

  function tellSplit(): void {
    if (!isSplitTold) sink.emit({ type: 'notice', message: { code: 'pipeline_cell_split', params: {} } });
    isSplitTold = true;
  }

  async function makeCanvas(
    what: string,
    planes: number | undefined,
    meaning: string,
    unit: string,
  ): Promise<{ canvas: Canvas; id: string }> {
    const { nx, ny } = plan.grid;
    if (!config.coadd_use_memmap) return { canvas: memoryCanvas(nx, ny, planes ?? 1), id: '' };
    const memmap = await makeMemmap(plan.grid, { what, planes, meaning, unit });
    if (!plan.holdsCanvas) return { canvas: memmapCanvas(memmap), id: idOf(memmap) };
    const canvas = heldCanvas(memmap);
    held.push(canvas);
    return { canvas, id: idOf(memmap) };
  }

  function makeMemmap(
    { nx, ny, wcs }: Pick<MosaicPlan['grid'], 'nx' | 'ny' | 'wcs'>,
    of: Pick<MemmapSpec, 'what' | 'planes' | 'meaning' | 'unit'>,
  ): Promise<Memmap> {
    const cards = Object.fromEntries(wcsCards(wcs).map(({ key, value }) => [key, value]));
    const spec = { ...of, nx, ny, wcs: cards };
    return keepsCells ? workspace.resume.memmap(spec) : workspace.createMemmap(spec);
  }

  async function makeTile(name: string, shape: Pick<MosaicPlan['grid'], 'nx' | 'ny' | 'wcs'>) {
    const meaning = 'cleanup_meaning_master_tile';
    const memmaps = [
      await makeMemmap(shape, { what: `${name}_mosaic`, planes: plan.planes, meaning, unit: 'adu' }),
      await makeMemmap(shape, { what: `${name}_weight`, planes: plan.planes, meaning, unit: 'adu-2' }),
      await makeMemmap(shape, { what: `${name}_coverage`, meaning, unit: 'count' }),
    ];
    tileIds.push(...memmaps.map(idOf));
    const [ofMosaic, ofWeight, ofCoverage] = memmaps.map(memmapCanvas);
    return {
      mosaic: ofMosaic,
      weight: ofWeight,
      coverage: ofCoverage,
      discard: async () => {
        for (const memmap of memmaps) await workspace.removeMemmap(memmap);
      },
    };
  }
}

const NO_FRAMES = new Uint32Array(0);

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

const idOf = ({ sidecar: { runId, createdAt } }: Memmap): string => `${runId} ${createdAt}`;

/** Frames whose weights are divided by the number of groups that they are in. */
function sharedOut(frames: readonly IntegrationFrame[], counts: Uint32Array): IntegrationFrame[] {
  return frames.map((frame, f) => ({ ...frame, weights: frame.weights.map((w) => w / counts[f]) }));
}

function addSums(total: { used: number; low: number; high: number }, { used, low, high }: CellSums): void {
  total.used += used;
  total.low += low;
  total.high += high;
}

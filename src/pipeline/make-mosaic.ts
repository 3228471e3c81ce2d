// The phases of a run, in order: what there is, who computes, what is remembered; plan and integration; then the products.
import { availableParallelism } from 'node:os';
import type { Workspace } from '../cleanup/workspace.js';
import { altazFades } from './crop/altaz-fade.js';
import { planMode } from './grouping/plan-groups.js';
import { limitHeapGrowth } from './heap-growth.js';
import { beginIncrement, type BegunIncrement, type IncrementBase } from './incremental/begin-increment.js';
import { standingIncrement, type StandingIncrement } from './incremental/standing-increment.js';
import { makeProducts } from './make-products.js';
import type { MosaicRun } from './mosaic-run.js';
import { assembleMosaic, type Assembled } from './phases/assembly.js';
import { findCalibration } from './phases/calibration.js';
import { recoverTiles, refuseForeignTree } from './phases/save.js';
import { measureAhead } from './phases/measure-ahead.js';
import { NoFramesError, scanInput } from './phases/scan.js';
import { planAndAssemble } from './plan-and-assemble.js';
import type { RunInputs } from './plan-run.js';
import { CellBudgetError } from './planning/cells/cells.js';
import { offsetOn } from './planning/grid/extend-grid.js';
import { MemoryBudgetError } from './planning/mosaic-plan.js';
import { CanvasError } from './planning/grid/output-grid.js';
import type { PlannedRun } from './planning/planned-run.js';
import { requiredStems } from './planning/required-stems.js';
import { productThreadCount, type ProductThreadCount } from './product-work/product-thread-count.js';
import { ProductThreads } from './product-work/product-threads.js';
import { beginResume } from './resume/begin-resume.js';
import { resumeKey } from './resume/resume-key.js';
import type { RunMemory } from './resume/run-memory.js';
import { RunBackend } from './run-backend.js';

/** What there is to begin with. */
interface Found extends Pick<RunInputs, 'scan' | 'settled' | 'assembling' | 'begun'> {
  /** The mosaic that is to be added to, or the place where one will be. */
  readonly standing: StandingIncrement | undefined;
}

/** What only planning needs of the frames goes with `planAndAssemble`: nothing here may hold on to it. */
export async function makeMosaic(run: MosaicRun): Promise<void> {
  const found = await findInputs(run);
  try {
    await makeOf(run, found, await chooseBackend(run, found));
  } finally {
    await found.begun?.close();
  }
}

async function makeOf(run: MosaicRun, found: Found, computing: RunBackend): Promise<void> {
  const { signal, sink } = run.context;
  const threads = new ProductThreads(signal, (detail) =>
    sink.emit({ type: 'warning', message: { code: 'pipeline_product_thread_died', params: { detail } } }),
  );
  try {
    const inputs = await beginRun(run, found, computing);
    try {
      const made = await planAndAssemble(
        run.context,
        run.workspace,
        run.recorder,
        inputs,
        (planned, remembered) => {
          // they have started by the time that the last cell is there
          threads.start(threadsFor(run, planned, computing).started);
          return integrate(run, inputs, planned, remembered);
        },
      );
      if (made) {
        threads.takeOver(threadsFor(run, made.planned, computing).all, (module) =>
          computing.giveThread(module),
        );
        await makeProducts(run, inputs, made, threads);
      } else await nothingToAdd(run, inputs.increment!.base!);
    } finally {
      await inputs.memory.close();
    }
  } catch (error) {
    if (HOPELESS.some((type) => error instanceof type)) run.workspace.resume.notWorthIt();
    throw error;
  } finally {
    await threads.close();
    await computing.close();
  }
}

function threadsFor(
  { context: { config } }: MosaicRun,
  { plan }: PlannedRun,
  { threadsToGive }: Pick<RunBackend, 'threadsToGive'>,
): ProductThreadCount {
  const { num_processing_workers: workers } = config;
  return productThreadCount(plan, config, workers < 1 ? availableParallelism() : workers, threadsToGive);
}

/** Errors that the same inputs and the same settings would meet again. */
const HOPELESS = [NoFramesError, CanvasError, CellBudgetError, MemoryBudgetError] as const;

/** The frames of the input folder and the mosaic that stands; what would be in the way in the end is told now. */
async function findInputs({ context, workspace, recorder }: MosaicRun): Promise<Found> {
  await refuseForeignTree(context);
  await recoverTiles(context);
  const assembling = await planMode(context);
  const standing = context.config.incremental ? await standingIncrement(context) : undefined;
  const settled = standing?.state?.frames.map(({ record }) => record);
  const scan = await scanInput(context, settled);
  recorder.scanned(scan.total);
  limitHeapGrowth(scan.lights.length, context.config.memory_budget_mb);
  guard(workspace, scan.lights);
  const begun = standing ? undefined : await measureAhead(context, workspace, scan.lights);
  return { assembling, standing, settled, scan, begun };
}

/** Who computes, able to do all that these frames need. */
async function chooseBackend(
  { context, services, recorder }: MosaicRun,
  { scan }: Found,
): Promise<RunBackend> {
  const { config, sink, ledger, signal } = context;
  const chosen = await services.provideBackend(config, requiredStems(config, scan.lights));
  const computing = new RunBackend(chosen, sink, ledger, signal);
  recorder.computing(computing.info);
  return computing;
}

/** The calibration frames, and what an earlier run has left: measures, cells, or a mosaic to be added to. */
async function beginRun(
  { context, workspace, services, recorder }: MosaicRun,
  { standing, ...found }: Found,
  computing: RunBackend,
): Promise<RunInputs> {
  const { config, sink } = context;
  const { scan } = found;
  const calibrationFrames = await findCalibration(context, scan.calibration);
  const calibrationRecords = calibrationFrames.map(({ record }) => record);
  const files = [...scan.lights, ...calibrationRecords];
  guard(workspace, files);
  const key = resumeKey(services.version, config, computing.info, files);
  const increment =
    standing &&
    (await beginIncrement(context, workspace, services.version, standing, scan, calibrationRecords));
  // what an incremental run measures is kept beside the mosaic: that is all it needs to go on
  const begun = increment ?? (await beginResume(workspace, sink, config.resume, key));
  if ('resumed' in begun) recorder.resumed(begun.resumed);
  return { ...found, calibrationFrames, memory: begun.memory, increment, computing };
}

function integrate(
  { context, workspace, services }: MosaicRun,
  { computing, increment }: { computing: RunBackend; increment: BegunIncrement | undefined },
  { frames, plan, groups, integration }: PlannedRun,
  memory: RunMemory,
): Promise<Assembled> {
  const base = increment?.base;
  return assembleMosaic(context, workspace, plan, integration, computing, {
    memory,
    checkpointMs: services.checkpointMs,
    groups,
    fades: groups && altazFades(context.config, frames, plan.grid, groups),
    base: base && {
      path: base.sumPath,
      offset: offsetOn(plan.grid, base.grid),
      held: frames.map((frame) => frame.held),
    },
  });
}

/** The mosaic that is there holds all there is: it stays as it is. */
async function nothingToAdd(
  { context: { sink }, workspace, recorder }: MosaicRun,
  { state, mosaicPath }: IncrementBase,
): Promise<void> {
  await workspace.registerOutput(mosaicPath);
  recorder.integrated({ used: 0, low: 0, high: 0 }, state.frames.length);
  const params = { path: mosaicPath, count: state.frames.length };
  sink.emit({ type: 'notice', message: { code: 'pipeline_incremental_nothing', params } });
}

function guard(workspace: Workspace, files: readonly { readonly path: string }[]): void {
  workspace.guardInputs(files.map(({ path }) => path));
}

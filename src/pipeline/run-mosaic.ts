// A run from folder to mosaic: the phases in order, the teardown whatever happens, the report of both.
import path from 'node:path';
import { STOP_AND_KEEP, withTeardown } from '../cleanup/signals.js';
import { openWorkspace, type Workspace } from '../cleanup/workspace.js';
import { configDigest } from '../config/digest.js';
import { runDirectories } from '../config/directories.js';
import type { RunConfig } from '../config/table.js';
import type { EventSink } from '../report/events.js';
import { writeRunReport, type RunReport } from '../report/run-report.js';
import type { TwoPassReport } from '../report/two-pass-report.js';
import { abortSignals } from './abort-signals.js';
import { announceStart, announceTeardown } from './announce-teardown.js';
import type { BackendProvider } from './backend-provider.js';
import { cleanAltazEdges } from './crop/altaz-cleanup.js';
import { altazFades } from './crop/altaz-fade.js';
import { makeAesthetic } from './phases/aesthetic.js';
import { assembleMosaic } from './phases/assembly.js';
import { findCalibration } from './phases/calibration.js';
import { measureProduct } from './phases/measure-product.js';
import { evensResiduals, secondPass } from './phases/second-pass.js';
import { recoverTiles, refuseForeignTree, saveProducts } from './phases/save.js';
import { NoFramesError, scanInput } from './phases/scan.js';
import { beginIncrement, type IncrementBase } from './incremental/begin-increment.js';
import { standingIncrement } from './incremental/standing-increment.js';
import { keepIncrement } from './incremental/keep-increment.js';
import { dropOldSums, writeSum } from './incremental/kept-sum.js';
import { offsetOn } from './planning/extend-grid.js';
import { keepsSum } from './planning/keeps-sum.js';
import { planMode } from './grouping/plan-groups.js';
import { requiredStems } from './planning/required-stems.js';
import { CellBudgetError } from './planning/cells.js';
import { MemoryBudgetError } from './planning/mosaic-plan.js';
import { CanvasError } from './planning/output-grid.js';
import { productOf } from './product.js';
import { provenanceOf } from './provenance.js';
import { beginResume } from './resume/begin-resume.js';
import { resumeKey } from './resume/resume-key.js';
import { RunMemory } from './resume/run-memory.js';
import { RunBackend } from './run-backend.js';
import { planAndAssemble } from './plan-and-assemble.js';
import type { RunContext } from './run-context.js';
import { RunRecorder } from './run-recorder.js';
import { StageLedger } from './stage-ledger.js';
import { savesTiles } from './tiles/arrays-apart.js';
import { emitVitals } from './vitals.js';

export interface RunServices {
  readonly provideBackend: BackendProvider;
  /** Version of the program. */
  readonly version: string;
  /** Further outputs that others write into the output folder (the log): never removed. */
  readonly otherOutputs?: readonly string[];
  /** Longest time between two checkpoints of the assembly, for tests. */
  readonly checkpointMs?: number;
}

/**
 * Makes the mosaic that `config` describes. The report is written into the output folder whichever way the run ends, and returned when it ends well.
 * Rejects with the error that ended it, after the teardown.
 */
export async function runMosaic(
  config: RunConfig,
  sink: EventSink,
  signal: AbortSignal,
  services: RunServices,
): Promise<RunReport> {
  const directories = runDirectories(config);
  const recorder = new RunRecorder(config, directories, services.version);
  const events: EventSink = {
    emit(event) {
      recorder.emit(event);
      sink.emit(event);
    },
  };
  const workspace = await openWorkspace({
    outputDir: directories.outputDir,
    inputPaths: [directories.inputDir],
    cleanupTempArtifacts: config.cleanup_temp_artifacts,
    coaddUseMemmap: config.coadd_use_memmap,
    coaddCleanupMemmap: config.coadd_cleanup_memmap,
    cacheRetention: config.cache_retention,
    coaddMemmapDir: directories.memmapDir ?? '',
    runtimeTempDir: directories.runtimeTempDir,
    tempImageCacheDir: directories.imageCacheDir,
    tempMasterTileStorageDir: directories.masterTileDir,
    sdsRuntimeTileDir: directories.sdsTileDir,
    globalWcsPlanPath: directories.globalWcsPath,
    resume: config.resume !== 'off',
  });
  for (const output of services.otherOutputs ?? []) await workspace.registerOutput(output);
  const reportPath = path.join(directories.outputDir, 'run-report.json');
  await workspace.registerOutput(reportPath);
  events.emit({
    type: 'run-started',
    runId: workspace.runId,
    version: services.version,
    configDigest: configDigest(config),
    inputDir: directories.inputDir,
    outputDir: directories.outputDir,
  });
  announceStart(events, workspace.startReport);
  const keepWhenTold = () => {
    if (signal.reason === STOP_AND_KEEP) workspace.keepArtifacts();
  };
  signal.addEventListener('abort', keepWhenTold);

  let failure: unknown;
  try {
    await withTeardown(
      workspace,
      {
        signals: abortSignals(signal),
        onReport(report) {
          recorder.tornDown(report);
          announceTeardown(events, report);
        },
      },
      (abort) => {
        const context = { config, directories, sink: events, signal: abort, ledger: new StageLedger() };
        const vitals = emitVitals(context);
        return makeMosaic(context, workspace, services, recorder).finally(() => {
          vitals.stop();
          recorder.addStages(context.ledger.timings());
        });
      },
    );
  } catch (error) {
    failure = error;
  }
  signal.removeEventListener('abort', keepWhenTold);
  const report = recorder.finish(workspace.runId, failure);
  events.emit({
    type: 'run-finished',
    outcome: report.outcome,
    framesUsed: report.inputs.used,
    framesTotal: report.inputs.total,
    wallMs: report.wall_ms,
    ...(report.outcome === 'error' && report.error && { error: report.error }),
  });
  await writeRunReport(reportPath, report).catch((error: unknown) => {
    // What ended the run is worth more than that its report could not be written.
    failure ??= error;
  });
  if (failure !== undefined) throw failure;
  return report;
}

/** The phases. What only planning needs of the frames goes with `planRun`: nothing here may hold on to it. */
async function makeMosaic(
  context: RunContext,
  workspace: Workspace,
  services: RunServices,
  recorder: RunRecorder,
): Promise<void> {
  const { config, sink } = context;
  await refuseForeignTree(context);
  await recoverTiles(context);
  const assembling = await planMode(context);
  const standing = config.incremental ? await standingIncrement(context) : undefined;
  const settled = standing?.state?.frames.map(({ record }) => record);
  const scan = await scanInput(context, settled);
  recorder.scanned(scan.total);
  workspace.guardInputs(scan.lights.map(({ path: at }) => at));
  const chosen = await services.provideBackend(config, requiredStems(config, scan.lights));
  const computing = new RunBackend(chosen, sink, context.ledger, context.signal);
  let memory = RunMemory.none();
  let keep = (): Promise<void> => Promise.resolve();
  try {
    recorder.computing(computing.info);
    const calibrationFrames = await findCalibration(context, scan.calibration);
    const inputs = [...scan.lights, ...calibrationFrames.map(({ record }) => record)];
    workspace.guardInputs(inputs.map(({ path: at }) => at));
    const key = resumeKey(services.version, config, computing.info, inputs);
    const increment =
      standing &&
      (await beginIncrement(
        context,
        workspace,
        services.version,
        standing,
        scan,
        calibrationFrames.map(({ record }) => record),
      ));
    // what an incremental run measures is kept beside the mosaic: that is all it needs to go on
    const begun = increment ?? (await beginResume(workspace, sink, config.resume, key));
    memory = begun.memory;
    if ('resumed' in begun) recorder.resumed(begun.resumed);
    const base = increment?.base;
    const made = await planAndAssemble(
      context,
      workspace,
      recorder,
      { scan, settled, calibrationFrames, memory, increment, computing, assembling },
      ({ frames, plan, groups, integration }, remembered) =>
        assembleMosaic(context, workspace, plan, integration, computing, {
          memory: remembered,
          checkpointMs: services.checkpointMs,
          groups,
          fades: groups && altazFades(config, frames, plan.grid, groups),
          base: base && {
            path: base.sumPath,
            offset: offsetOn(plan.grid, base.grid),
            held: frames.map((frame) => frame.held),
          },
        }),
    );
    if (!made) return nothingToAdd(context, workspace, recorder, base!);
    const { planned, assembled: firstPass } = made;
    const { frames, plan, groups, integration, total } = planned;
    ({ keep } = firstPass);
    const provenanceBy = (evened?: TwoPassReport) =>
      provenanceOf(
        services.version,
        config,
        frames,
        total,
        computing.shares,
        integration,
        plan.grid.scaleArcsec,
        groups,
        evened,
      );
    const sum =
      increment && keepsSum(config, plan.grid)
        ? await writeSum(context, workspace, increment.dir, plan.grid, firstPass, provenanceBy())
        : undefined;
    if (config.altaz_cleanup_enabled) await cleanAltazEdges(context, frames, plan.grid, firstPass);
    const evened = evensResiduals(config)
      ? await secondPass(context, frames, plan, integration, firstPass)
      : undefined;
    if (evened) recorder.evened(evened.report);
    const assembled = { ...firstPass, ...(evened && { mosaic: evened.mosaic }) };
    recorder.integrated(assembled.samples, frames.length);
    recorder.computed(computing.shares, plan.cells.cells);
    const provenance = provenanceBy(evened?.report);
    const measured = await madeOrSaid(context, 'pipeline_product_not_measured', () =>
      context.ledger.time('measure_product', 'host', async () => ({
        result: await measureProduct(context, frames, plan, integration, assembled, computing),
        bytes: 0,
      })),
    );
    // Nothing is computed from here on: the device is given back beside what is written. Whether that fails is asked at the end.
    computing.close().catch(() => undefined);
    if (measured) recorder.productMeasured(measured.quality);
    const product = await productOf(context, frames, plan.grid, integration, assembled);
    recorder.shaped(product);
    const aesthetic = (await madeOrSaid(context, 'pipeline_aesthetic_not_made', () =>
      makeAesthetic(context, workspace, frames, plan, integration, product, assembled.tiles?.tiles),
    )) ?? { shown: product.mosaic };
    if (aesthetic.beautified) recorder.beautified(aesthetic.beautified.report);
    await saveProducts(
      context,
      workspace,
      plan,
      product,
      assembled,
      provenance,
      measured,
      recorder.frameAccount(),
      aesthetic,
      increment &&
        ((sciencePath) =>
          keepIncrement(
            context,
            workspace,
            sciencePath,
            increment,
            plan.grid,
            frames,
            integration,
            sum,
            planned.headersRefined,
          )),
    );
    if (increment) await dropOldSums(increment.dir, [sum?.name]);
    if (savesTiles(config))
      await assembled.tiles?.save(
        context,
        workspace,
        (of) =>
          provenanceOf(
            services.version,
            config,
            of.map((f) => frames[f]),
            of.length,
            computing.shares,
            integration,
            plan.grid.scaleArcsec,
          ),
        integration.photons,
      );
  } catch (error) {
    if (HOPELESS.some((type) => error instanceof type)) workspace.resume.notWorthIt();
    // A disk that takes no more tells so where products are written: here it only means that less can be gone on with.
    await keep().catch(() => undefined);
    throw error;
  } finally {
    await memory.close();
    await computing.close();
  }
}

/** The mosaic that is there holds all there is: it stays as it is. */
async function nothingToAdd(
  { sink }: RunContext,
  workspace: Workspace,
  recorder: RunRecorder,
  { state, mosaicPath }: IncrementBase,
): Promise<void> {
  await workspace.registerOutput(mosaicPath);
  recorder.integrated({ used: 0, low: 0, high: 0 }, state.frames.length);
  const params = { path: mosaicPath, count: state.frames.length };
  sink.emit({ type: 'notice', message: { code: 'pipeline_incremental_nothing', params } });
}

/** Errors that the same inputs and the same settings would meet again. */
const HOPELESS = [NoFramesError, CanvasError, CellBudgetError, MemoryBudgetError] as const;

/** What goes with the mosaic. Where it fails the mosaic is done all the same: a warning says so with `code`, and it is saved without. */
async function madeOrSaid<T>(
  { signal, sink }: RunContext,
  code: string,
  make: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await make();
  } catch (error) {
    signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    sink.emit({ type: 'warning', message: { code, params: { reason } } });
    return undefined;
  }
}

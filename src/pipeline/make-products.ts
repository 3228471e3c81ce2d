// The second half of a run: from the canvases to what is saved of them.
import { codedMessageOf } from '../report/render-error.js';
import type { TwoPassReport } from '../report/two-pass-report.js';
import { provenanceOf, type Making } from './account/provenance.js';
import { besides } from './besides.js';
import { cleanAltazEdges } from './crop/altaz-cleanup.js';
import { keepIncrement } from './incremental/keep-increment.js';
import { dropOldSums, writeSum } from './incremental/kept-sum.js';
import type { MosaicRun } from './mosaic-run.js';
import { makeAesthetic, makesForTheEye } from './phases/aesthetic.js';
import type { Assembled } from './phases/assembly.js';
import { measureProduct, type MeasuredProduct } from './phases/measure-product.js';
import { saveProducts } from './phases/save.js';
import { beginPicture } from './phases/save-jobs.js';
import { evensResiduals, secondPass } from './phases/second-pass.js';
import type { PlannedMosaic } from './plan-and-assemble.js';
import type { RunInputs } from './plan-run.js';
import { keepsSum } from './planning/grid/keeps-sum.js';
import type { PlannedRun } from './planning/planned-run.js';
import { productOf } from './product.js';
import type { ProductThreads } from './product-work/product-threads.js';
import type { RunBackend } from './run-backend.js';
import type { RunContext } from './run-context.js';
import { savesTiles } from './tiles/arrays-apart.js';

/** Where it fails what only memory holds of the mosaic is brought to the disk, to be gone on with or looked at. */
export async function makeProducts(
  run: MosaicRun,
  inputs: Pick<RunInputs, 'increment' | 'computing'>,
  { planned, assembled }: PlannedMosaic,
  threads: ProductThreads,
): Promise<void> {
  try {
    await productsOf(run, inputs, planned, assembled, threads);
  } catch (error) {
    // A disk that takes no more tells so where products are written: here it only means that less can be gone on with.
    await assembled.keep().catch(() => undefined);
    throw error;
  }
}

async function productsOf(
  run: MosaicRun,
  { increment, computing }: Pick<RunInputs, 'increment' | 'computing'>,
  planned: PlannedRun,
  firstPass: Assembled,
  threads: ProductThreads,
): Promise<void> {
  const { context, workspace, recorder } = run;
  const { plan, groups } = planned;
  const sum =
    increment && keepsSum(context.config, plan.grid)
      ? await writeSum(
          context,
          workspace,
          increment.dir,
          plan,
          firstPass,
          provenanceOf({ ...makingOf(run, planned, computing), groups }),
        )
      : undefined;
  const { assembled, evened } = await evenOut(run, planned, firstPass);
  recorder.integrated(assembled.samples, planned.frames.length);
  recorder.computed(computing.shares, plan.cells.cells);
  const provenance = provenanceOf({ ...makingOf(run, planned, computing), groups, evened });
  const product = await productOf(context, planned, assembled);
  recorder.shaped(product);
  const picture = beginPicture(context, product, threads);
  // whether it failed is asked in its turn
  picture.catch(() => undefined);
  const measuring = measure(run, planned, assembled, computing, threads).finally(() => {
    // Nothing is computed from here on: the device is given back beside what is written. Whether that fails is asked at the end.
    computing.close().catch(() => undefined);
  });
  await besides(measuring, save());
  if (increment) await dropOldSums(increment.dir, [sum?.name]);
  if (savesTiles(context.config)) await saveTiles(run, planned, assembled, computing);

  async function save(): Promise<void> {
    // one thread alone is through with both as soon if it takes one after the other, and has less in memory
    if (threads.count === 0 || makesForTheEye(context.config)) await measuring;
    const forTheEye = (await madeOrSaid(context, 'pipeline_aesthetic_not_made', () =>
      makeAesthetic(context, workspace, planned, product, assembled.tiles?.tiles),
    )) ?? { shown: product.mosaic };
    if (forTheEye.beautified) recorder.beautified(forTheEye.beautified.report);
    await saveProducts(
      context,
      workspace,
      {
        ...{ product, provenance, measuring, forTheEye, picture },
        samples: assembled.samples,
        grid: plan.grid,
        outputBytes: plan.outputBytes,
        frames: recorder.frameAccount(),
      },
      increment && ((sciencePath) => keepIncrement(context, workspace, sciencePath, increment, planned, sum)),
    );
  }
}

/** The canvases without the borders of alt-azimuth panels and what a second pass takes off, where these are asked for. */
async function evenOut(
  { context, recorder }: MosaicRun,
  planned: PlannedRun,
  firstPass: Assembled,
): Promise<{ readonly assembled: Assembled; readonly evened?: TwoPassReport }> {
  const { config } = context;
  if (config.altaz_cleanup_enabled) await cleanAltazEdges(context, planned, firstPass);
  if (!evensResiduals(config)) return { assembled: firstPass };
  const { mosaic, report } = await secondPass(context, planned, firstPass);
  recorder.evened(report);
  return { assembled: { ...firstPass, mosaic }, evened: report };
}

async function measure(
  { context, recorder }: MosaicRun,
  planned: PlannedRun,
  assembled: Assembled,
  computing: RunBackend,
  threads: ProductThreads,
): Promise<MeasuredProduct | undefined> {
  const measured = await madeOrSaid(context, 'pipeline_product_not_measured', () =>
    context.ledger.time('measure_product', 'host', async () => ({
      result: await measureProduct(context, planned, assembled, computing, threads),
      bytes: 0,
    })),
  );
  if (measured) recorder.productMeasured(measured.quality);
  return measured;
}

/** The stacks of groups, each with the frames that are in it. */
async function saveTiles(
  run: MosaicRun,
  planned: PlannedRun,
  { tiles }: Assembled,
  computing: RunBackend,
): Promise<void> {
  const making = makingOf(run, planned, computing);
  await tiles?.save(
    run.context,
    run.workspace,
    (of) => provenanceOf({ ...making, frames: of.map((f) => planned.frames[f]), total: of.length }),
    planned.integration.photons,
  );
}

/** Of the mosaic as far as it is made. */
function makingOf(
  { context: { config }, services: { version } }: MosaicRun,
  { frames, total, integration, plan }: PlannedRun,
  { shares }: RunBackend,
): Making {
  return { version, config, frames, total, shares, integration, scaleArcsec: plan.grid.scaleArcsec };
}

/** The reason as a word of a message; one that has a text of its own, with a file and a remedy, gets a warning ahead of it. */
function toldReason(error: unknown, sink: RunContext['sink']): string {
  const cause = codedMessageOf(error);
  if (cause.code === 'report_error_unexpected') return error instanceof Error ? error.message : String(error);
  sink.emit({ type: 'warning', message: cause });
  return 'told';
}

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
    sink.emit({ type: 'warning', message: { code, params: { reason: toldReason(error, sink) } } });
    return undefined;
  }
}

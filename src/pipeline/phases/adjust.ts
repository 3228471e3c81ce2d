// Between measuring and planning: all placed frames are adjusted to each other by the stars that they share.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { adjustFrames } from '../../astrometry/adjust/adjust-frames.js';
import type { AdjustFrame, Adjustment } from '../../astrometry/adjust/adjust-types.js';
import { mostStars } from '../../astrometry/adjust/adjustment-state.js';
import { builtInCatalogue } from '../../astrometry/catalogue/built-in-catalogue.js';
import type { Workspace } from '../../cleanup/workspace.js';
import { writeAtomically } from '../../output/atomic-file.js';
import { residualPicture } from '../../output/residual-picture.js';
import { medianOf } from '../../photometry/mesh-repair.js';
import type { MeasuredFrame } from '../planning/grid/placed-frame.js';
import type { RunContext } from '../run-context.js';
import { adjustStars } from './adjust-stars.js';
import { placedRecord, solveHint } from './solve.js';

export interface AdjustedFrames {
  readonly frames: readonly MeasuredFrame[];
  /** In the order of the frames; absent where there was nothing to adjust. */
  readonly adjustment?: Adjustment;
}

/**
 * The frames with their adjusted places: those solved here always, those with a WCS in their header as `refine_astrometry` says. Writes the picture of
 * the residuals where it is asked for. Frames that stand in a mosaic stay; `refinesAdded`: headers of the others are refined to them.
 * @throws CatalogueError when the catalogue cannot be used.
 */
export async function adjustPlaces(
  context: RunContext,
  workspace: Workspace,
  frames: readonly MeasuredFrame[],
  refinesAdded = false,
): Promise<AdjustedFrames> {
  const { config, ledger } = context;
  const adds = frames.some(({ held }) => held);
  const refine = adds ? 'off' : config.refine_astrometry;
  const inputs = adjustable(frames, adds && refinesAdded, mostStars(frames.length));
  const solved = inputs.some(({ origin }) => origin === 'solved');
  if (frames.length < 2 || (refine === 'off' && !solved)) return { frames };
  const catalogue = await builtInCatalogue();
  const options = { refine, withResiduals: config.save_residual_picture };
  const adjustment = await ledger.time('adjust', 'host', () =>
    Promise.resolve({ result: adjustFrames(inputs, catalogue, options), bytes: 0 }),
  );
  announce(context, adjustment, adds);
  if (config.save_residual_picture) await savePicture(context, workspace, frames, adjustment);
  return {
    adjustment,
    frames: frames.map((frame, f) => {
      const { adjusted, wcs } = adjustment.frames[f];
      return adjusted ? { ...frame, record: placedRecord(frame.record, wcs), wcs } : frame;
    }),
  };
}

/** `moves`: a WCS of a header may be moved too. What stands in a mosaic never is. Of the stars of each `most`: no others are looked at. */
function adjustable(frames: readonly MeasuredFrame[], moves: boolean, most: number): AdjustFrame[] {
  const looked = adjustStars(
    frames.map(({ stars }) => stars),
    most,
  );
  const cameras = new Map<string, string>();
  return frames.map(({ record, wcs, solution, held }, f) => {
    const { width, height, instrument, telescope, focalLengthMm } = record;
    const camera = JSON.stringify([instrument, telescope, focalLengthMm]);
    if (!cameras.has(camera)) cameras.set(camera, camera);
    return {
      width,
      height,
      wcs,
      origin: !held && (solution || moves) ? 'solved' : 'given',
      camera: cameras.get(camera)!,
      epoch: solveHint(record).epoch,
      stars: looked[f],
    };
  });
}

/** What was done, and for WCS of headers whether they were refined and why. */
function announce({ sink }: RunContext, adjustment: Adjustment, adds: boolean): void {
  const notice = (code: string, params: Record<string, number>) =>
    sink.emit({ type: 'notice', message: { code, params } });
  const round = (value: number) => Number(value.toFixed(3));
  const { frames, refined, givenBeforePx, givenAfterPx } = adjustment;
  const linked = frames.filter(({ adjusted, links }) => adjusted && links > 0);
  if (linked.length > 0) {
    notice('pipeline_frames_adjusted', {
      count: linked.length,
      before: round(medianOf(linked.map((f) => f.rmsBeforePx))),
      after: round(medianOf(linked.map((f) => f.rmsPx))),
      moved: round(medianOf(linked.map((f) => f.movedPx))),
      most: round(Math.max(...linked.map((f) => f.movedPx))),
    });
  }
  if (!refined && !adds && !Number.isNaN(givenBeforePx))
    notice('pipeline_header_wcs_kept', { before: round(givenBeforePx), after: round(givenAfterPx) });
}

async function savePicture(
  { config, directories, sink }: RunContext,
  workspace: Workspace,
  frames: readonly MeasuredFrame[],
  adjustment: Adjustment,
): Promise<void> {
  const at = path.join(directories.outputDir, `${config.output_name}_residuals.svg`);
  const output = await workspace.beginOutput(at);
  const panels = frames.flatMap(({ record: { path: file, width, height } }, f) => {
    const { rmsPx, residuals } = adjustment.frames[f];
    return residuals ? [{ name: path.basename(file), width, height, rmsPx, residuals }] : [];
  });
  const picture = residualPicture(panels);
  await output.written(picture.length, (temporaryPath) =>
    writeAtomically(at, (file) => file.writeFile(picture), { temporaryPath }),
  );
  await output.committed();
  sink.emit({ type: 'output-written', kind: 'residuals', path: at, bytes: (await stat(at)).size });
}

// The second pass: what levels have left at the edges of frames is measured on the mosaic, and the light that explains it taken off where it is significant.
import type { RunConfig } from '../../config/table.js';
import type { RowSurface } from '../../output/sources/corrected-source.js';
import type { PlaneSource } from '../../output/sources/plane-source.js';
import { evenLight, type MosaicFrames } from '../../quality/even-light.js';
import type { TwoPassReport } from '../../report/two-pass-report.js';
import { mosaicSource, type Canvas } from '../canvas/canvas.js';
import { frameExtent } from '../planning/grid/frame-extent.js';
import type { IntegrationPlan } from '../planning/integration-plan.js';
import { outlineOnGrid } from '../planning/grid/output-grid.js';
import type { PlannedRun } from '../planning/planned-run.js';
import { runPhase, type RunContext } from '../run-context.js';
import type { Assembled } from './assembly.js';
import { quietSquares } from './frame-finder.js';
import { PLACE_PX } from './measure-halves.js';

/** Where the mean of frames steps as they end: not where they fade out, and not in a median. */
export function evensResiduals(config: RunConfig): boolean {
  const steps =
    config.stacking_final_combine_method === 'mean' &&
    !config.apply_radial_weight &&
    !config.use_existing_master_tiles;
  return config.two_pass_residuals === 'auto' && steps;
}

/** The mosaic without that light. What the canvases hold stays as it is: the light is subtracted wherever the mosaic is read. */
export function secondPass(
  context: RunContext,
  { frames, plan: { grid, planes }, integration }: PlannedRun,
  { mosaic, weight }: Pick<Assembled, 'mosaic' | 'weight'>,
): Promise<{ readonly mosaic: Canvas; readonly report: TwoPassReport }> {
  return runPhase(context, 'two_pass', 'steps', undefined, async () => {
    const outlines = frames.map((frame) => outlineOnGrid(frameExtent(frame, context.config), grid));
    const source = mosaicSource(mosaic, weight);
    const { signal } = context;
    const evened = await evenLight(source, mosaicFrames(outlines, integration, planes, source), { signal });
    const { places, before, after, explained, significance, largest } = evened;
    const isKept = evened.surfaces.some((surface) => surface);
    if (!isKept)
      context.sink.emit({
        type: 'notice',
        message: { code: 'pipeline_two_pass_nothing', params: { places } },
      });
    return {
      mosaic: isKept ? correctedCanvas(mosaic, evened.surfaces) : mosaic,
      report: {
        places,
        step_before_adu: before.map(rounded),
        step_after_adu: after.map(rounded),
        explained: explained.map(rounded),
        significance: significance.map(rounded),
        largest_adu: largest.map(rounded),
      },
    };
  });
}

/** The frames behind a mosaic that is read as `image`, where their outlines lie on it. */
export function mosaicFrames(
  outlines: readonly Float64Array[],
  { frames }: Pick<IntegrationPlan, 'frames'>,
  planes: number,
  image: Pick<PlaneSource, 'nx' | 'ny'>,
): MosaicFrames {
  return {
    outlines,
    weights: Array.from({ length: planes }, (_, c) => frames.map(({ weights }) => weights[c])),
    quiet: quietSquares(outlines, image.nx, image.ny, PLACE_PX),
  };
}

/** A surface is 0 where no frame is, so what no cell has written stays 0. It lies nowhere to be viewed or found: what lies there is the mosaic as it was. */
export function correctedCanvas(canvas: Canvas, surfaces: readonly (RowSurface | undefined)[]): Canvas {
  const row = new Float64Array(canvas.nx);
  const readRegion: Canvas['readRegion'] = async (plane, region, out) => {
    await canvas.readRegion(plane, region, out);
    const surface = surfaces[plane];
    if (!surface) return;
    for (let y = 0, at = 0; y < region.height; y++) {
      surface.row(region.y0 + y, row);
      for (let x = 0; x < region.width; x++, at++) out[at] -= row[region.x0 + x];
    }
  };
  return {
    ...canvas,
    view: undefined,
    place: undefined,
    readRegion,
    readRows: (plane, y0, rows, out) => readRegion(plane, { x0: 0, y0, width: canvas.nx, height: rows }, out),
  };
}

/** Four digits: what is measured is known no better. */
const rounded = (value: number) => Number(value.toPrecision(4));

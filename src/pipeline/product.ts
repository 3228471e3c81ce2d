// What is saved: the canvases of a run as sources of the product, cropped and binned as the settings ask for, with the WCS that goes with them.
import { windowWcs } from '../astrometry/wcs/window-wcs.js';
import { makePlaneGridWcs } from '../astrometry/wcs/plane-grid-wcs.js';
import type { CelestialWcs } from '../astrometry/wcs/celestial-wcs.js';
import type { RunConfig } from '../config/table.js';
import { binnedSource } from '../output/sources/binned-source.js';
import { inTurn } from '../output/sources/in-turn.js';
import type { PlaneSource } from '../output/sources/plane-source.js';
import { windowSource } from '../output/sources/window-source.js';
import { binCorrelation } from '../photometry/noise/noise-propagation.js';
import { cropWindow } from './crop/crop-window.js';
import type { Rectangle } from './crop/largest-rectangle.js';
import { uncertaintySource } from './canvas/canvas.js';
import {
  finishedCanvases,
  finishedSources,
  productValues,
  type FinishedCanvases,
} from './canvas/finished-canvases.js';
import type { Assembled } from './phases/assembly.js';
import type { OutputGrid } from './planning/grid/output-grid.js';
import type { PlacedFrame } from './planning/grid/placed-frame.js';
import type { PlannedRun } from './planning/planned-run.js';
import type { RunContext } from './run-context.js';
import { fieldOver, type PhotonField } from './uncertainty/photon-field.js';

export interface Product {
  /** What it is a part of. */
  readonly canvases: FinishedCanvases;
  readonly mosaic: PlaneSource;
  readonly coverage: PlaneSource;
  readonly uncertainty: PlaneSource;
  /** What the photons of their own light have added to it. */
  readonly photons?: PhotonField;
  readonly rejected?: { readonly low: PlaneSource; readonly high: PlaneSource };
  readonly wcs: CelestialWcs;
  readonly scaleArcsec: number;
  /** The part of the canvas that it shows, and how many of the canvas's pixels along a side make one of its own. */
  readonly window: Rectangle;
  readonly binning: number;
  /** Area of its pixels over that of a frame's. */
  readonly pixelArea: number;
}

/** Where the settings ask for a crop that leaves nothing, nothing is cropped, with a warning. */
export async function productOf(
  { config, sink }: Pick<RunContext, 'config' | 'sink'>,
  { frames, plan: { grid }, integration }: PlannedRun,
  assembled: Assembled,
): Promise<Product> {
  const { binning = 1 } = grid;
  const { coverage, rejected } = assembled;
  const canvases = finishedCanvases(assembled, integration);
  const { weight, samples, photons } = canvases;
  const whole = finishedSources(canvases);
  // a nebula is no worse than the sky beside it: depth alone decides
  const depth = { coverage, uncertainty: uncertaintySource(weight, samples) };
  const cropped = await cropWindow(depth, config, binning);
  const window = cropped ?? { x0: 0, y0: 0, width: grid.nx, height: grid.ny };
  if (!cropped) sink.emit({ type: 'warning', message: { code: 'pipeline_crop_empty', params: {} } });
  else if (window.width * window.height < grid.nx * grid.ny) {
    const params = { ...window, canvas_width: grid.nx, canvas_height: grid.ny };
    sink.emit({ type: 'notice', message: { code: 'pipeline_cropped', params } });
  }
  const correlation = binning > 1 ? correlationOf(config, frames, grid, binning) : [1];
  const sources = {
    // more than one product is written of it at a time
    mosaic: inTurn(productValues(whole.mosaic, window, binning)),
    coverage: binnedSource(windowSource(coverage, window), binning, { kind: 'count' }),
    uncertainty: binnedSource(windowSource(whole.uncertainty, window), binning, {
      kind: 'deviation',
      correlation,
    }),
  };
  const counts = (source: PlaneSource) =>
    binnedSource(windowSource(source, window), binning, { kind: 'sum' });
  return {
    ...sources,
    canvases,
    ...(photons && { photons: fieldOver(photons, window, binning) }),
    ...(rejected && { rejected: { low: counts(rejected.low), high: counts(rejected.high) } }),
    wcs: productWcs(grid, window, binning),
    scaleArcsec: grid.scaleArcsec * binning,
    window,
    binning,
    pixelArea: grid.pixelArea ?? 1,
  };
}

/** CRPIX counts pixel centres from 1: the outer edge of the first pixel, 0.5, is where bins begin. */
function productWcs(grid: OutputGrid, window: Rectangle, k: number): CelestialWcs {
  const { projection, crval, crpix, cd } = windowWcs(grid.wcs, window).describe();
  return makePlaneGridWcs({
    projection,
    crval,
    crpix: [(crpix[0] - 0.5) / k + 0.5, (crpix[1] - 0.5) / k + 0.5],
    cd: [cd[0] * k, cd[1] * k, cd[2] * k, cd[3] * k],
    shape: [window.width / k, window.height / k],
  });
}

/** By the kernel of the warp and the typical frame. */
function correlationOf(
  config: RunConfig,
  frames: readonly PlacedFrame[],
  grid: OutputGrid,
  count: number,
): readonly number[] {
  const steps = frames
    .map(
      ({ record, wcs }) =>
        grid.scaleArcsec / wcs.pixelScaleArcsec((record.width + 1) / 2, (record.height + 1) / 2),
    )
    .sort((a, b) => a - b);
  const bin = { count, step: steps[steps.length >> 1] };
  const { sensor } = frames[0].record;
  if (sensor.kind !== 'cfa') return binCorrelation('none', config.warp_kernel, bin);
  const kernel = config.demosaic_method === 'direct' ? config.cfa_warp_kernel : config.warp_kernel;
  return binCorrelation(config.demosaic_method, kernel, bin, sensor.sites);
}

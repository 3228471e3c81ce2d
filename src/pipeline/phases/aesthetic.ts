// The aesthetic product of a run: asked for by its files, made from the mosaic as it is saved, and never part of the science product.
import type { CelestialWcs } from '../../astrometry/wcs/celestial-wcs.js';
import { wcsCards } from '../../astrometry/wcs/wcs-cards.js';
import type { BackgroundLimits, BackgroundStrength } from '../../aesthetic/background.js';
import { beautify, type Beautified } from '../../aesthetic/beautify.js';
import { measureColourStars } from '../../aesthetic/colour-calibration.js';
import { healSeams } from '../../aesthetic/heal-seams.js';
import { historyOf } from '../../aesthetic/history.js';
import {
  writeAestheticFits,
  writeAestheticPng,
  writeAestheticTiff,
} from '../../aesthetic/write-aesthetic.js';
import type { Workspace } from '../../cleanup/workspace.js';
import type { RunConfig } from '../../config/table.js';
import type { AestheticReport } from '../../report/aesthetic-report.js';
import type { CompressionSpec } from '../../fits/write/image-spec.js';
import { provenanceCards, type Provenance } from '../../output/cards/provenance-cards.js';
import { ReadScratch } from '../../output/sources/read-scratch.js';
import { binnedSource } from '../../output/sources/binned-source.js';
import type { PlaneSource } from '../../output/sources/plane-source.js';
import { windowSource } from '../../output/sources/window-source.js';
import { withoutSurfaces, type EvenLight } from '../../quality/even-light.js';
import type { OutputKind } from '../../report/events.js';
import { catalogueOver } from '../catalogue-over.js';
import type { IntegrationPlan } from '../planning/integration-plan.js';
import type { MosaicPlan } from '../planning/mosaic-plan.js';
import type { MeasuredFrame } from '../planning/grid/placed-frame.js';
import type { PlannedRun } from '../planning/planned-run.js';
import { typicalFwhm } from '../planning/typical-fwhm.js';
import { frameExtent } from '../planning/grid/frame-extent.js';
import { outlineOnGrid } from '../planning/grid/output-grid.js';
import type { Product } from '../product.js';
import type { RunContext } from '../run-context.js';
import type { StackTile } from '../tiles/master-tiles.js';
import { blendStacks, wantsAesthetic } from './blend-stacks.js';
import type { SaveJob } from './save-job.js';
import { mosaicFrames } from './second-pass.js';

/** What a run makes for the eye. */
export interface ForTheEye {
  readonly beautified?: Beautified;
  /** The mosaic as the preview shows it. */
  readonly shown: PlaneSource;
}

/** Whether more is made than the mosaic as it is. */
export const makesForTheEye = (config: RunConfig): boolean =>
  wantsAesthetic(config) || config.visual_seam_heal_enabled;

/** Makes what is asked for, and says what could not be done. */
export async function makeAesthetic(
  context: RunContext,
  workspace: Workspace,
  { frames, plan, integration }: PlannedRun,
  product: Product,
  stacks: readonly StackTile[] | undefined,
): Promise<ForTheEye> {
  const { config, ledger } = context;
  const wanted = wantsAesthetic(config);
  const healsShown = config.visual_seam_heal_enabled;
  if (!makesForTheEye(config)) return { shown: product.mosaic };
  return ledger.time('aesthetic', 'host', async () => {
    const blended = wanted ? await blendProduct(context, workspace, plan, product, stacks) : undefined;
    const healed = (mosaic: PlaneSource) =>
      healProduct(context, frames, plan, integration, { ...product, mosaic });
    const heals = wanted && config.patchwork_suppressor_enabled;
    const seams = healsShown || (heals && !blended) ? await healed(product.mosaic) : undefined;
    const ofBlend = heals && blended ? await healed(blended.image) : undefined;
    const beautified = wanted
      ? await beautifyProduct(context, frames, plan, product, blended ? ofBlend : seams, blended)
      : undefined;
    const shown = healsShown && seams ? withoutSurfaces(product.mosaic, seams.surfaces) : product.mosaic;
    return { result: { beautified, shown }, bytes: 0 };
  });
}

/** The stacks of groups blended, in the shape of the product; undefined where it is not asked for, or there are none. */
async function blendProduct(
  { config, sink, signal }: RunContext,
  workspace: Workspace,
  plan: MosaicPlan,
  { mosaic, window, binning }: Product,
  stacks: readonly StackTile[] | undefined,
): Promise<{ readonly image: PlaneSource; readonly report: AestheticReport['blend'] } | undefined> {
  if (!config.aesthetic_multiband_enabled) return undefined;
  if (!stacks) {
    sink.emit({ type: 'warning', message: { code: 'pipeline_multiband_no_stacks', params: {} } });
    return undefined;
  }
  const widthPx = 2 ** Math.round(Math.log2(config.aesthetic_multiband_width_px));
  const canvas = await blendStacks(workspace, plan, stacks, widthPx, signal);
  const image = binnedSource(windowSource(canvas, window), binning, { kind: 'mean' });
  return { image: blankedLike(image, mosaic), report: { stacks: stacks.length, width_px: widthPx } };
}

/** `image` without what is blank in `mosaic`: borders that were cleaned stay clean. */
function blankedLike(image: PlaneSource, mosaic: PlaneSource): PlaneSource {
  const scratch = new ReadScratch();
  return {
    ...{ nx: image.nx, ny: image.ny, planes: image.planes },
    async readRows(plane, y0, rows, out) {
      const count = rows * image.nx;
      await image.readRows(plane, y0, rows, out);
      await scratch.use(count, async (own) => {
        await mosaic.readRows(plane, y0, rows, own);
        for (let k = 0; k < count; k++) if (Number.isNaN(own[k])) out[k] = NaN;
      });
    },
  };
}

function backgroundOf(config: RunConfig): BackgroundStrength | BackgroundLimits {
  const strength = config.final_mosaic_dbe_strength;
  if (strength !== 'custom') return strength;
  return {
    smoothing: config.final_mosaic_dbe_smoothing,
    squarePx: config.final_mosaic_dbe_sample_step,
    objectSigma: config.final_mosaic_dbe_obj_k,
    reachPx: config.final_mosaic_dbe_obj_dilate_px,
  };
}

async function beautifyProduct(
  { config, sink }: RunContext,
  frames: readonly MeasuredFrame[],
  plan: MosaicPlan,
  { mosaic, wcs, binning, uncertainty }: Product,
  seams: EvenLight | undefined,
  blended: { readonly image: PlaneSource; readonly report: AestheticReport['blend'] } | undefined,
): Promise<Beautified> {
  const strength = config.patchwork_suppressor_strength;
  const made = await beautify(
    blended?.image ?? mosaic,
    {
      blend: blended?.report,
      seams: config.patchwork_suppressor_enabled && seams ? { ...seams, strength } : undefined,
      background: config.final_mosaic_dbe_enabled ? backgroundOf(config) : undefined,
      colour: config.final_mosaic_rgb_equalize_enabled,
      blackPoint: config.final_mosaic_black_point_equalize_enabled,
      holes: config.aesthetic_hole_fill_enabled
        ? { radiusPx: config.aesthetic_hole_fill_max_radius_px, uncertainty }
        : undefined,
    },
    async () =>
      measureColourStars(
        mosaic,
        wcs,
        await catalogueOver(plan.grid, frames),
        Math.max(2, typicalFwhm(frames, plan) / binning),
      ),
  );
  const { background, colour } = made.report;
  if (background?.shape === 'level')
    sink.emit({ type: 'warning', message: { code: 'pipeline_aesthetic_little_sky', params: {} } });
  if (colour && colour.white !== 'catalogue') {
    const params = { stars: colour.stars, white: colour.white };
    sink.emit({ type: 'warning', message: { code: 'pipeline_aesthetic_few_colour_stars', params } });
  }
  return made;
}

function healProduct(
  { config, signal }: RunContext,
  frames: readonly MeasuredFrame[],
  { grid, planes }: MosaicPlan,
  integration: IntegrationPlan,
  { mosaic, window, binning }: Product,
): Promise<EvenLight> {
  const onProduct = (v: number, k: number) => (v - (k % 2 ? window.y0 : window.x0) + 0.5) / binning - 0.5;
  const outlines = frames.map((frame) => outlineOnGrid(frameExtent(frame, config), grid).map(onProduct));
  const behind = mosaicFrames(outlines, integration, planes, mosaic);
  return healSeams(mosaic, behind, config.patchwork_suppressor_strength, signal);
}

/** The files that are asked for; `pathOf` makes a path of a suffix. */
export function aestheticJobs(
  config: RunConfig,
  wcs: CelestialWcs,
  { image, stretch, report }: Beautified,
  provenance: Provenance,
  compression: CompressionSpec | undefined,
  pathOf: (suffix: string) => string,
): SaveJob[] {
  const cards = () => [...wcsCards(wcs), ...provenanceCards(provenance), ...historyOf(report)];
  const all: [boolean, OutputKind, string, (path: string, temporaryPath: string) => Promise<void>][] = [
    [
      config.export_aesthetic_fits,
      'aesthetic_fits',
      '_aesthetic.fits',
      (path, temporaryPath) =>
        writeAestheticFits(path, { image, cards: cards(), compression }, { temporaryPath }),
    ],
    [
      config.export_aesthetic_tiff,
      'aesthetic_tiff',
      '_aesthetic.tif',
      (path, temporaryPath) => writeAestheticTiff(path, image, { stretch, wcs, temporaryPath }),
    ],
    [
      config.export_aesthetic_png,
      'aesthetic_png',
      '_aesthetic.png',
      (path, temporaryPath) => writeAestheticPng(path, image, { stretch, wcs, temporaryPath }),
    ],
  ];
  return all
    .filter(([asked]) => asked)
    .map(([, kind, suffix, write]) => ({ kind, suffix, write: (at) => write(pathOf(suffix), at) }));
}

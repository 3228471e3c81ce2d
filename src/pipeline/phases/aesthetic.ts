// The aesthetic product of a run: asked for by its files, made from the mosaic as it is saved, and never part of the science product.
import type { CelestialWcs } from '../../astrometry/wcs/celestial-wcs.js';
import { wcsCards } from '../../astrometry/wcs/wcs-cards.js';
import { beautify, type Beautified } from '../../aesthetic/beautify.js';
import { measureColourStars } from '../../aesthetic/colour-calibration.js';
import { historyOf } from '../../aesthetic/history.js';
import {
  writeAestheticFits,
  writeAestheticPng,
  writeAestheticTiff,
} from '../../aesthetic/write-aesthetic.js';
import type { RunConfig } from '../../config/table.js';
import type { CompressionSpec } from '../../fits/image-spec.js';
import { provenanceCards, type Provenance } from '../../output/provenance-cards.js';
import type { OutputKind } from '../../report/events.js';
import { catalogueOver } from '../catalogue-over.js';
import type { MosaicPlan } from '../planning/mosaic-plan.js';
import type { MeasuredFrame } from '../planning/placed-frame.js';
import { typicalFwhm } from '../planning/typical-fwhm.js';
import type { Product } from '../product.js';
import type { RunContext } from '../run-context.js';

/** One file to write: the run's name with `suffix`, growing at `temporaryPath`. */
interface AestheticJob {
  readonly kind: OutputKind;
  readonly suffix: string;
  readonly write: (temporaryPath: string) => Promise<void>;
}

/** Undefined where no file of it is asked for. Says what could not be done. */
export async function makeAesthetic(
  context: RunContext,
  frames: readonly MeasuredFrame[],
  plan: MosaicPlan,
  product: Product,
): Promise<Beautified | undefined> {
  const { config, ledger, sink } = context;
  if (!wantsAesthetic(config)) return undefined;
  const { mosaic, wcs } = product;
  const made = await ledger.time('aesthetic', 'host', async () => ({
    result: await beautify(
      mosaic,
      {
        background: config.final_mosaic_dbe_enabled ? config.final_mosaic_dbe_strength : undefined,
        colour: config.final_mosaic_rgb_equalize_enabled,
        blackPoint: config.final_mosaic_black_point_equalize_enabled,
      },
      async () =>
        measureColourStars(
          mosaic,
          wcs,
          await catalogueOver(plan.grid, frames),
          Math.max(2, typicalFwhm(frames, plan) / product.binning),
        ),
    ),
    bytes: 0,
  }));
  const { background, colour } = made.report;
  if (background?.shape === 'level')
    sink.emit({ type: 'warning', message: { code: 'pipeline_aesthetic_little_sky', params: {} } });
  if (colour && colour.white !== 'catalogue') {
    const params = { stars: colour.stars, white: colour.white };
    sink.emit({ type: 'warning', message: { code: 'pipeline_aesthetic_few_colour_stars', params } });
  }
  return made;
}

/** True where a file of the aesthetic product is asked for. */
export function wantsAesthetic(config: RunConfig): boolean {
  return config.export_aesthetic_fits || config.export_aesthetic_tiff || config.export_aesthetic_png;
}

/** The files that are asked for; `pathOf` makes a path of a suffix. */
export function aestheticJobs(
  config: RunConfig,
  wcs: CelestialWcs,
  { image, stretch, report }: Beautified,
  provenance: Provenance,
  compression: CompressionSpec | undefined,
  pathOf: (suffix: string) => string,
): AestheticJob[] {
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

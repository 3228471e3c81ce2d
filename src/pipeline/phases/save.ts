// Phase 6: the products. Each appears whole or not at all, and is registered as an output before the run ends.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { wcsCards } from '../../astrometry/wcs/wcs-cards.js';
import { liveRunsOf } from '../../cleanup/run-state.js';
import type { Workspace } from '../../cleanup/workspace.js';
import { exportPng16, exportTiff16, exportViewerFits } from '../../output/export-16bit.js';
import { writeAtomically, writeFully } from '../../output/atomic-file.js';
import { writePreview } from '../../output/preview.js';
import { writeHips } from '../../output/hips/write-hips.js';
import { hasOwnTree, putTree, recoverTree, treeBytes } from '../../output/hips/put-tree.js';
import type { StretchOptions } from '../../output/stretch.js';
import { geometryCards } from '../../output/geometry-cards.js';
import { provenanceCards, type Provenance } from '../../output/provenance-cards.js';
import { qualityCards, type QualityFigures } from '../../output/quality-cards.js';
import type { Scale16 } from '../../output/scale-16bit.js';
import { writeScienceFits } from '../../output/science-fits.js';
import type { RunConfig } from '../../config/table.js';
import type { OutputKind } from '../../report/events.js';
import { htmlReport, type HtmlReport } from '../../report/html-report.js';
import { chooseLanguage } from '../../report/language.js';
import { createMessages } from '../../report/messages.js';
import { median } from '../../quality/robust.js';
import type { ProductQuality } from '../../report/product-quality.js';
import { besides } from '../besides.js';
import type { OutputGrid } from '../planning/output-grid.js';
import type { Product } from '../product.js';
import { photonsImage } from '../uncertainty/photons-hdu.js';
import { runPhase, type RunContext } from '../run-context.js';
import type { Assembled } from './assembly.js';
import { aestheticJobs, type ForTheEye } from './aesthetic.js';
import type { MeasuredProduct } from './measure-product.js';

/** N of M, and why the others are missing. */
export type FrameAccount = Pick<HtmlReport, 'used' | 'total' | 'rejected' | 'solved'>;

/** What would be in the way hours later. @throws OutputError `output_tree_not_ours` where a folder of someone else has the name of the tiles. */
export async function refuseForeignTree({
  config,
  directories,
}: Pick<RunContext, 'config' | 'directories'>): Promise<void> {
  const tree = treeOf(config, directories);
  if (tree) await hasOwnTree(tree);
}

/** What a run that was killed while it put its tiles in their place has left. @throws OutputError as `recoverTree` */
export async function recoverTiles({
  config,
  directories,
}: Pick<RunContext, 'config' | 'directories'>): Promise<void> {
  const tree = treeOf(config, directories);
  if (tree) await recoverTree(tree, await liveRunsOf(directories.outputDir));
}

/** The tree of tiles that the run will write. */
function treeOf(config: RunConfig, { outputDir }: RunContext['directories']): string | undefined {
  return config.save_hips === 'none' ? undefined : path.join(outputDir, `${config.output_name}_hips`);
}

/** What there is to save. */
export interface FinishedMosaic {
  readonly product: Product;
  readonly provenance: Provenance;
  /** Samples in the mosaic, and rejected ones. */
  readonly samples: Assembled['samples'];
  /** What was measured on it, if it could be, and the grid whose pixels that is in. */
  readonly measured: MeasuredProduct | undefined;
  readonly grid: Pick<OutputGrid, 'nx' | 'ny'>;
  readonly frames: FrameAccount;
  readonly forTheEye: ForTheEye;
}

/** `whenScienceIsWhole` is called before the science image takes its place. */
export async function saveProducts(
  context: RunContext,
  workspace: Workspace,
  { product, provenance, samples, measured, grid, frames, forTheEye }: FinishedMosaic,
  whenScienceIsWhole?: (temporaryPath: string) => Promise<void>,
): Promise<void> {
  const { config, directories, ledger, sink } = context;
  const { mosaic, wcs } = product;
  const { beautified, shown } = forTheEye;
  let scale: Scale16 | undefined;
  const science: SaveJob = {
    kind: 'science',
    suffix: '_science.fits',
    write: (at) =>
      writeScienceFits(
        finalPath('_science.fits'),
        {
          mosaic,
          coverage: product.coverage,
          uncertainty: product.uncertainty,
          ...(product.photons && { photons: photonsImage(product.photons) }),
          rejected: product.rejected,
          wcs,
          provenance,
          cards: [
            ...geometryCards(product),
            ...(measured ? qualityCards(figuresOf(measured.quality, samples)) : []),
          ],
          compression: compressionOf(config),
        },
        { temporaryPath: at, whenWhole: whenScienceIsWhole },
      ),
  };
  const previewAt = (turn: Promise<unknown>): SaveJob => ({
    kind: 'preview',
    suffix: '_preview.png',
    write: (at) =>
      writePreview(finalPath('_preview.png'), shown, {
        maxDim: config.preview_png_max_dim,
        ...stretchOf(config),
        wcs,
        temporaryPath: at,
        turn,
      }),
  });
  const jobs: SaveJob[] = [];
  const sixteenBit = async (write: (known: { scale?: Scale16 }) => Promise<Scale16>) => {
    scale = await write({ scale });
  };
  if (config.save_final_as_uint16) {
    const cards = [...wcsCards(wcs), ...provenanceCards(provenance)];
    jobs.push({
      kind: 'uint16',
      suffix: '_viewer.fits',
      write: (at) =>
        sixteenBit((known) =>
          exportViewerFits(finalPath('_viewer.fits'), mosaic, cards, { ...known, temporaryPath: at }),
        ),
    });
  }
  if (config.save_tiff16) {
    jobs.push({
      kind: 'tiff16',
      suffix: '.tif',
      write: (at) =>
        sixteenBit((known) => exportTiff16(finalPath('.tif'), mosaic, { ...known, wcs, temporaryPath: at })),
    });
  }
  if (config.save_png16) {
    jobs.push({
      kind: 'png16',
      suffix: '.png',
      write: (at) =>
        sixteenBit((known) => exportPng16(finalPath('.png'), mosaic, { ...known, wcs, temporaryPath: at })),
    });
  }

  if (config.save_hips !== 'none') {
    jobs.push({
      kind: 'hips',
      suffix: '_hips',
      form: 'tree',
      write: (at) =>
        putTree(finalPath('_hips'), at, (dir) =>
          writeHips(dir, mosaic, wcs, {
            name: config.output_name,
            object: provenance.object,
            software: provenance.software,
            dateBegin: provenance.dateBegin,
            scaleArcsec: product.scaleArcsec,
            withFits: config.save_hips === 'png_fits',
            ...stretchOf(config),
            step: () => context.signal.throwIfAborted(),
          }),
        ),
    });
  }

  if (config.save_html_report && measured) {
    const { quality, ...places } = measured;
    jobs.push({
      kind: 'html_report',
      suffix: '_report.html',
      write: (at) => {
        const { nx, ny } = grid;
        const page = { name: config.output_name, ...frames, quality, map: { nx, ny, ...mapsOf(places) } };
        const messages = createMessages(chooseLanguage([config.language], process.env));
        return writeAtomically(
          finalPath('_report.html'),
          (file) => writeFully(file, Buffer.from(htmlReport(page, messages))),
          { temporaryPath: at },
        );
      },
    });
  }

  if (beautified) {
    const compression = compressionOf(config);
    jobs.push(...aestheticJobs(config, wcs, beautified, provenance, compression, finalPath));
  }

  await runPhase(context, 'save', 'files', 2 + jobs.length, async (step) => {
    const save = async ({ kind, suffix, form, write }: SaveJob) => {
      const at = finalPath(suffix);
      const output = await workspace.beginOutput(at, form);
      const bytes = await ledger.time('save', 'host', async () => {
        await write(output.temporaryPath);
        await output.committed();
        const size = form === 'tree' ? await treeBytes(at) : (await stat(at)).size;
        return { result: size, bytes: size };
      });
      sink.emit({ type: 'output-written', kind, path: at, bytes });
      step();
    };
    // The preview is made while the disk takes the science image, and goes there when that has its place: what it needs of a disk that fills is not the mosaic's.
    const first = save(science);
    await besides(first, save(previewAt(first)));
    for (const job of jobs) await save(job);
  });

  function finalPath(suffix: string): string {
    return path.join(directories.outputDir, config.output_name + suffix);
  }
}

/** A product: what it is called, and how it is written. */
interface SaveJob {
  readonly kind: OutputKind;
  readonly suffix: string;
  readonly form?: 'tree';
  readonly write: (temporaryPath: string) => Promise<unknown>;
}

/** What was measured in places, scaled to the colours of the maps. */
function mapsOf({ outlines, seams, squares, deviations }: Omit<MeasuredProduct, 'quality'>) {
  const plane = (squares[0]?.stated.length ?? 1) >> 1;
  const typical = median(squares.map(({ stated }) => stated[plane]));
  return {
    outlines,
    seams: seams.map(({ x, y, step }) => ({ x, y, value: step[plane] / (3 * typical) })),
    stars: deviations.map(({ x, y, deviation }) => ({ x, y, value: 10 * deviation })),
    noise: squares.map(({ x, y, stated }) => ({ x, y, value: stated[plane] / typical - 1 })),
  };
}

/** How the mosaic is shown, in the preview and in tiles. */
function stretchOf(config: RunContext['config']): StretchOptions {
  return {
    percentileLow: config.preview_png_p_low ?? undefined,
    percentileHigh: config.preview_png_p_high ?? undefined,
    asinhA: config.preview_png_asinh_a ?? undefined,
    starBalance: config.preview_png_apply_wb,
  };
}

/** What is added to must not lose a little with every addition, as it would by quantising: lossless then. */
function compressionOf({
  output_compression: setting,
  incremental,
}: Pick<RunConfig, 'output_compression' | 'incremental'>) {
  if (setting === 'none') return undefined;
  return { codec: setting === 'rice' && !incremental ? 'RICE_1' : 'GZIP_2' } as const;
}

function figuresOf(
  { astrometry, channels }: ProductQuality,
  { used, low, high }: Assembled['samples'],
): QualityFigures {
  return {
    samplesRejected: Number(((low + high) / Math.max(1, used + low + high)).toPrecision(4)),
    frameShiftRmsPx: astrometry.frame_shift_rms_px,
    starRmsPx: astrometry.star_rms_px,
    catalogueRmsArcsec: astrometry.catalogue?.rms_arcsec ?? null,
    catalogueStars: astrometry.catalogue?.stars ?? null,
    channels: channels.map(({ name, zero_point, seam, noise }) => ({
      name,
      zeroPointScatterPercent: zero_point.scatter_percent,
      zeroPointFlatnessPercent: zero_point.flatness_percent,
      seamStepAdu: seam.step_adu,
      seamWorstOverNoise: seam.worst_over_noise,
      halvesChi2: noise.halves_chi2,
      halvesApertureChi2: noise.halves_aperture_chi2,
      noiseOverIdeal: noise.over_ideal,
    })),
  };
}

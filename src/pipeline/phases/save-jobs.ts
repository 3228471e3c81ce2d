// The files of a mosaic: which of them the settings ask for, and how each is written.
import { wcsCards } from '../../astrometry/wcs/wcs-cards.js';
import type { RunConfig } from '../../config/table.js';
import { writeAtomically, writeFully } from '../../output/atomic-file.js';
import { exportPng16, exportTiff16, exportViewerFits } from '../../output/integers/export-16bit.js';
import { geometryCards } from '../../output/cards/geometry-cards.js';
import { putTree } from '../../output/hips/put-tree.js';
import { writeHips } from '../../output/hips/write-hips.js';
import { northUp } from '../../output/orientation.js';
import { writePngParts } from '../../output/png-writer.js';
import { writePreview } from '../../output/picture/preview.js';
import { provenanceCards, type Provenance } from '../../output/cards/provenance-cards.js';
import { mostQualityCards, qualityCards, type QualityFigures } from '../../output/cards/quality-cards.js';
import type { Scale16 } from '../../output/integers/scale-16bit.js';
import { writeScienceFits } from '../../output/science-fits.js';
import type { StretchOptions } from '../../output/picture/stretch.js';
import { median } from '../../quality/robust.js';
import type { OutputKind } from '../../report/events.js';
import { htmlReport, type HtmlReport } from '../../report/html-report.js';
import { chooseLanguage } from '../../report/language.js';
import { createMessages } from '../../report/messages.js';
import type { ProductQuality } from '../../report/product-quality.js';
import type { OutputGrid } from '../planning/grid/output-grid.js';
import type { Product } from '../product.js';
import { MAX_PICTURE_BYTES } from '../product-work/product-thread-count.js';
import type { ProductThreads } from '../product-work/product-threads.js';
import type { ProductResults } from '../product-work/product-work.js';
import type { RunContext } from '../run-context.js';
import { photonsImage } from '../uncertainty/photons-hdu.js';
import { aestheticJobs, makesForTheEye, type ForTheEye } from './aesthetic.js';
import type { Assembled } from './assembly.js';
import type { MeasuredProduct } from './measure-product.js';
import type { SaveJob } from './save-job.js';

/** N of M, and why the others are missing. */
export type FrameAccount = Pick<HtmlReport, 'used' | 'total' | 'rejected' | 'solved'>;

/** What there is to save. */
export interface FinishedMosaic {
  readonly product: Product;
  readonly provenance: Provenance;
  /** Samples in the mosaic, and rejected ones. */
  readonly samples: Assembled['samples'];
  /** What is measured on it, if it can be, and the grid whose pixels that is in. */
  readonly measuring: Promise<MeasuredProduct | undefined>;
  readonly grid: Pick<OutputGrid, 'nx' | 'ny'>;
  readonly frames: FrameAccount;
  /** What the plan gave the products on the disk. */
  readonly outputBytes: number;
  readonly forTheEye: ForTheEye;
  /** Gives the bytes of the preview, in parts, where a thread makes them. */
  readonly picture?: Promise<ProductResults['picture'] | undefined>;
}

/** What all of them go by. */
export interface SaveContext {
  readonly config: RunConfig;
  readonly signal: AbortSignal;
  /** Where a product with this suffix stands in the end. */
  readonly finalPath: (suffix: string) => string;
}

/** `whenWhole` is called before the image takes its place. */
export function scienceJob(
  { config, finalPath }: SaveContext,
  { product, provenance, samples, measuring }: FinishedMosaic,
  whenWhole?: (temporaryPath: string) => Promise<void>,
): SaveJob {
  const cards = measuring.then((measured) =>
    measured ? qualityCards(figuresOf(measured.quality, samples)) : [],
  );
  // whether they failed is asked when the header is written
  cards.catch(() => undefined);
  const image = {
    ...{ mosaic: product.mosaic, coverage: product.coverage, uncertainty: product.uncertainty },
    ...(product.photons && { photons: photonsImage(product.photons) }),
    rejected: product.rejected,
    wcs: product.wcs,
    provenance,
    cards: geometryCards(product),
    late: { most: mostQualityCards(product.mosaic.planes), cards },
    compression: compressionOf(config),
  };
  return {
    kind: 'science',
    suffix: '_science.fits',
    write: (temporaryPath) =>
      writeScienceFits(finalPath('_science.fits'), image, { temporaryPath, whenWhole }),
  };
}

/** Computed at once, where no thread has, and written when `turn` has ended. */
export function previewJob(
  { config, finalPath }: SaveContext,
  { product: { wcs }, forTheEye: { shown }, picture, measuring }: FinishedMosaic,
  turn: Promise<unknown>,
): SaveJob {
  const at = finalPath('_preview.png');
  return {
    kind: 'preview',
    suffix: '_preview.png',
    async write(temporaryPath) {
      const parts = await picture;
      if (parts) return writePngParts(at, parts, { temporaryPath, turn });
      // what still computes has its memory until then
      await measuring;
      return writePreview(at, shown, { ...shownAs(config), ...{ wcs, temporaryPath, turn } });
    },
  };
}

/** Has a thread make the preview of the mosaic as it is, where there is one and memory for a picture of its size. */
export async function beginPicture(
  { config }: Pick<RunContext, 'config'>,
  { canvases, mosaic, window, binning, wcs }: Product,
  threads: Pick<ProductThreads, 'ask'>,
): Promise<ProductResults['picture'] | undefined> {
  const options = shownAs(config);
  const { nx, ny, planes } = mosaic;
  const factor = Math.max(1, Math.ceil(Math.max(nx, ny) / options.maxDim));
  const orientation = northUp(wcs, nx, ny);
  // values with their footprint, where they are not read each time; the painted picture, where it is turned by a quarter; the bytes of the file
  const values = factor > 1 || !mosaic.isStored ? 4 * (planes + 1) : 0;
  const pixelBytes = values + (orientation.transpose ? planes + 1 : 0) + planes + 1;
  const bytes = pixelBytes * Math.ceil(nx / factor) * Math.ceil(ny / factor);
  if (makesForTheEye(config) || bytes > MAX_PICTURE_BYTES) return undefined;
  return threads.ask('picture', { window, binning, options: { ...options, orientation } }, canvases);
}

const shownAs = (config: RunConfig) => ({ maxDim: config.preview_png_max_dim, ...stretchOf(config) });

/** What else is asked for. */
export function otherJobs(making: SaveContext, finished: FinishedMosaic): SaveJob[] {
  const { config, finalPath } = making;
  const { product, provenance, forTheEye } = finished;
  const { beautified } = forTheEye;
  return [
    ...sixteenBitJobs(making, finished),
    ...(config.save_hips !== 'none' ? [hipsJob(making, finished)] : []),
    ...(config.save_html_report ? [reportJob(making, finished)] : []),
    ...(beautified
      ? aestheticJobs(config, product.wcs, beautified, provenance, compressionOf(config), finalPath)
      : []),
  ];
}

/** One scale for all of them, found by the first. */
function sixteenBitJobs(
  { config, finalPath }: SaveContext,
  { product: { mosaic, wcs }, provenance }: FinishedMosaic,
): SaveJob[] {
  let scale: Scale16 | undefined;
  const jobOf = (
    kind: OutputKind,
    suffix: string,
    write: (at: string, options: { scale?: Scale16; temporaryPath: string }) => Promise<Scale16>,
  ): SaveJob => ({
    kind,
    suffix,
    write: async (temporaryPath) => {
      scale = await write(finalPath(suffix), { scale, temporaryPath });
    },
  });
  const jobs: SaveJob[] = [];
  if (config.save_final_as_uint16) {
    const cards = [...wcsCards(wcs), ...provenanceCards(provenance)];
    jobs.push(jobOf('uint16', '_viewer.fits', (at, how) => exportViewerFits(at, mosaic, cards, how)));
  }
  if (config.save_tiff16)
    jobs.push(jobOf('tiff16', '.tif', (at, how) => exportTiff16(at, mosaic, { ...how, wcs })));
  if (config.save_png16)
    jobs.push(jobOf('png16', '.png', (at, how) => exportPng16(at, mosaic, { ...how, wcs })));
  return jobs;
}

function hipsJob(
  { config, signal, finalPath }: SaveContext,
  { product, provenance: { object, software, dateBegin } }: FinishedMosaic,
): SaveJob {
  const tree = {
    name: config.output_name,
    ...{ object, software, dateBegin },
    scaleArcsec: product.scaleArcsec,
    withFits: config.save_hips === 'png_fits',
    ...stretchOf(config),
    step: () => signal.throwIfAborted(),
  };
  return {
    kind: 'hips',
    suffix: '_hips',
    form: 'tree',
    write: (at) =>
      putTree(finalPath('_hips'), at, (dir) => writeHips(dir, product.mosaic, product.wcs, tree)),
  };
}

function reportJob(
  { config, finalPath }: SaveContext,
  { grid: { nx, ny }, frames, measuring }: FinishedMosaic,
): SaveJob {
  return {
    kind: 'html_report',
    suffix: '_report.html',
    isVoid: async () => !(await measuring),
    async write(temporaryPath) {
      const { quality, ...places } = (await measuring)!;
      const page = { name: config.output_name, ...frames, quality, map: { nx, ny, ...mapsOf(places) } };
      const messages = createMessages(chooseLanguage([config.language], process.env));
      return writeAtomically(
        finalPath('_report.html'),
        (file) => writeFully(file, Buffer.from(htmlReport(page, messages))),
        { temporaryPath },
      );
    },
  };
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
function stretchOf(config: RunConfig): StretchOptions {
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

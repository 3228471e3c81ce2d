// `solve`: where on the sky single files lie, by their stars alone; the files themselves are only read.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { builtInCatalogue } from '../astrometry/catalogue/built-in-catalogue.js';
import { PlateSolver } from '../astrometry/solver/plate-solver.js';
import type { SolveOptions, SolveResult } from '../astrometry/solver/solve-types.js';
import { detectStars } from '../astrometry/stars/detect-stars.js';
import type { FramePixels } from '../astrometry/stars/frame-pixels.js';
import type { StarList } from '../astrometry/stars/star-list.js';
import { CodedError } from '../errors.js';
import { memorySource, openFileSource, type ByteSource } from '../fits/byte-source.js';
import { expandedChunks } from '../fits/decompress-file.js';
import { detectFileCompression } from '../fits/file-compression.js';
import { FitsError } from '../fits/fits-error.js';
import { openFits } from '../fits/open-fits.js';
import { reasonOfError } from '../frames/frame-reason.js';
import { scanFile, type FrameRecord } from '../frames/frame-record.js';
import { measureFrame } from '../frames/measure-frame.js';
import type { CodedMessage } from '../config/errors.js';
import type { SolvedFile } from '../report/summaries.js';
import type { ShownFrame } from './external-fallback.js';
import { framePixels } from './phases/ingest.js';
import { solveHint, solveImage } from './phases/solve.js';
import { SolveFallback, type SolveConfig } from './solve-fallback.js';
import { solvedFile } from './solved-file.js';
import { writeSolutionHeader } from './solution-header.js';
import { SolvePictures } from './solve-pictures.js';

/** Whoever asks for single files is willing to wait for a search of the whole sky. */
const SEARCH = { budgetMs: 120_000, maxRadiusDeg: 180 } as const;
/** Compressed files are expanded in memory. */
const MAX_EXPANDED_BYTES = 2 ** 30;

export interface SolveFilesOptions {
  /** Folder for the headers of the solutions, made when it does not exist; nothing is written unless given. */
  readonly wcsOut?: string | undefined;
  /** Folder for pictures of the frames with their stars, and what they show. */
  readonly picture?: { readonly folder: string; readonly overlay: boolean } | undefined;
  /** Names the solver to ask where the built-in one finds nothing; none unless given. */
  readonly config?: SolveConfig;
  /** Processor time of the built-in search for one file, ms; two minutes unless given. */
  readonly searchMs?: number;
  readonly signal: AbortSignal;
}

interface LoadedFrame {
  readonly record: FrameRecord;
  readonly pixels: FramePixels;
}

interface LoadedStars {
  readonly record: FrameRecord;
  readonly stars: StarList;
}

interface Unusable {
  readonly reason: CodedMessage;
}

interface FailedFile {
  readonly file: string;
  readonly loaded: LoadedStars;
  readonly result: SolveResult;
  readonly ms: number;
}

/**
 * Solves the files in their order and hands each outcome to `report`: solved ones at once, those that failed at the end, after another
 * try with what the others have taught. A file that cannot be used is an outcome with a reason, not an error. Ends with what users should hear about the
 * solver outside this program, if anything.
 * @throws CatalogueError; DirectoryError and FitsError fits_cannot_write for the folder of headers; the signal's reason.
 */
export async function solveFiles(
  files: readonly string[],
  options: SolveFilesOptions,
  report: (outcome: SolvedFile) => void,
): Promise<CodedMessage | undefined> {
  const catalogue = await builtInCatalogue();
  const solver = new PlateSolver(catalogue);
  const pictures = options.picture && new SolvePictures(catalogue, options.picture);
  const { budgetMs, maxRadiusDeg } = SEARCH;
  const search: SolveOptions = {
    budgetMs: options.searchMs ?? budgetMs,
    maxRadiusDeg,
    signal: options.signal,
  };
  const written = new Set<string>();
  const settle = async (file: string, result: SolveResult, { record, stars }: LoadedStars, ms: number) => {
    const draw = async (): Promise<CodedMessage | undefined> => {
      if (!pictures) return undefined;
      // read once more: the pixels of frames that wait for another try are not kept
      const loaded = await reasonWhenUnusable(() => loadFrame(file));
      if ('reason' in loaded) return loaded.reason;
      await pictures.draw(file, loaded.pixels, stars, solveHint(record), result);
    };
    const notDrawn = await draw();
    const common = { file, ms, ...(notDrawn && { notDrawn }) };
    if (!result.solved) return report({ ...common, solved: false, reason: result.reason });
    if (options.wcsOut !== undefined)
      await writeSolutionHeader(options.wcsOut, file, record, result.wcs, written);
    report({ ...solvedFile(file, result, ms), ...common });
  };
  const failed: FailedFile[] = [];
  for (const file of files) {
    options.signal.throwIfAborted();
    const start = performance.now();
    const loaded = await loadStars(file);
    if ('reason' in loaded) {
      report({ file, solved: false, ms: performance.now() - start, reason: loaded.reason });
      continue;
    }
    const { image, hint } = shown(loaded);
    const result = await solver.solve(image, hint, search);
    const ms = performance.now() - start;
    if (result.solved) await settle(file, result, loaded, ms);
    else failed.push({ file, loaded, result, ms });
  }
  const left: FailedFile[] = [];
  for (const { file, loaded, result, ms } of failed) {
    const { image, hint } = shown(loaded);
    const again = await solver.retry(image, hint, search);
    if (again.solved) await settle(file, again, loaded, ms + again.ms);
    else left.push({ file, loaded, result, ms: ms + again.ms });
  }
  const fallback = new SolveFallback(options.config, options.signal);
  try {
    await fallback.solveAll(
      left,
      ({ loaded }) => shown(loaded),
      (last, index) => {
        const { file, loaded, result, ms } = left[index];
        return settle(file, last ?? result, loaded, ms + (last?.ms ?? 0));
      },
    );
  } finally {
    await fallback.close();
  }
  return fallback.givenUp;
}

function shown({ record, stars }: LoadedStars): ShownFrame {
  return { image: solveImage(record, stars), hint: solveHint(record) };
}

function loadStars(file: string): Promise<LoadedStars | Unusable> {
  return reasonWhenUnusable(async () => {
    const loaded = await loadFrame(file);
    return 'reason' in loaded ? loaded : { record: loaded.record, stars: detectStars(loaded.pixels) };
  });
}

/** What the file itself is to blame for becomes a reason. */
async function reasonWhenUnusable<T>(use: () => Promise<T>): Promise<T | Unusable> {
  try {
    return await use();
  } catch (error) {
    return { reason: reasonOfError(error) };
  }
}

/** All samples of a frame, or why it is none. @throws FitsError. */
async function loadFrame(file: string): Promise<LoadedFrame | Unusable> {
  const source = await expandedSource(file);
  const { size: bytes } = await stat(file);
  const scanned = await scanFile({ path: file, relative: path.basename(file), bytes }, source);
  if (scanned.kind !== 'light') return { reason: scanned.reason };
  const { record } = scanned;
  const fits = await openFits(source ?? file);
  try {
    const outcome = await measureFrame(fits, record);
    return 'reason' in outcome ? outcome : { record, pixels: await framePixels(fits, record, outcome) };
  } finally {
    await fits.close();
  }
}

/** The expanded bytes of a compressed file; undefined for one that can be read as it is. */
async function expandedSource(file: string): Promise<ByteSource | undefined> {
  const source = await openFileSource(file);
  const start = await source.getBytes(0, Math.min(3, source.size)).finally(() => source.close());
  const format = detectFileCompression(start);
  if (format !== 'gzip' && format !== 'bzip2') return undefined;
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of expandedChunks(file, format, MAX_EXPANDED_BYTES)) chunks.push(chunk);
  } catch (cause) {
    if (cause instanceof CodedError) throw cause;
    throw new FitsError('fits_decompress_failed', { file, format }, { cause });
  }
  return memorySource(file, Buffer.concat(chunks));
}

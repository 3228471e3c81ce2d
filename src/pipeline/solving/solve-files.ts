// `solve`: where on the sky single files lie, by their stars alone; the files themselves are only read.
import { builtInCatalogue } from '../../astrometry/catalogue/built-in-catalogue.js';
import { PlateSolver } from '../../astrometry/solver/search/plate-solver.js';
import type { SolveOptions, SolveResult } from '../../astrometry/solver/solve-types.js';
import { detectStars } from '../../astrometry/stars/detect-stars.js';
import type { StarList } from '../../astrometry/stars/star-list.js';
import { reasonOfError } from '../../frames/frame-reason.js';
import type { FrameRecord } from '../../frames/frame-record.js';
import type { CodedMessage } from '../../config/errors.js';
import type { SolvedFile } from '../../report/summaries.js';
import type { ShownFrame } from './external-fallback.js';
import { loadFrame, type Unusable } from '../load-frame.js';
import { solveHint, solveImage } from '../phases/solve.js';
import { SolveFallback, type SolveConfig } from './solve-fallback.js';
import { solvedFile } from './solved-file.js';
import { writeSolutionHeader } from './solution-header.js';
import { SolvePictures } from './solve-pictures.js';

/** Whoever asks for single files is willing to wait for a search of the whole sky. */
const SEARCH = { budgetMs: 120_000, maxRadiusDeg: 180 } as const;

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

interface LoadedStars {
  readonly record: FrameRecord;
  readonly stars: StarList;
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

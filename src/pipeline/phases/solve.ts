// Frames whose header does not say where they lie are solved by their stars, as a part of the ingest phase.
import { builtInCatalogue } from '../../astrometry/catalogue/built-in-catalogue.js';
import { PlateSolver } from '../../astrometry/solver/plate-solver.js';
import type {
  SolveHint,
  SolveImage,
  SolveOptions,
  SolveResult,
} from '../../astrometry/solver/solve-types.js';
import type { StarList } from '../../astrometry/stars/star-list.js';
import type { CelestialWcs } from '../../astrometry/wcs/celestial-wcs.js';
import { makeTanWcs } from '../../astrometry/wcs/tan-wcs.js';
import type { RunConfig } from '../../config/table.js';
import type { FrameRecord } from '../../frames/frame-record.js';
import type { PlacedFrame } from '../planning/placed-frame.js';

/** Search of a frame with a pointing, and of one without: that one may lie anywhere. */
const HINTED_BUDGET_MS = 10_000;
const BLIND_BUDGET_MS = 60_000;
const HINTED_RADIUS_DEG = 10;
/** Where nothing else has placed a frame. */
const WIDE_RADIUS_DEG = 30;
/** Once frames have failed for this long together, each further one gets the small budget: a bad night does not take hours. */
const FAILURE_ALLOWANCE_MS = 180_000;
const SMALL_BUDGET_MS = 2_000;
/** To check a place that a header tells: it is found at once, or it is not there. */
const CHECK_BUDGET_MS = 1_000;
const CHECK_RADIUS_DEG = 2;
/** Error of a centroid: FWHM over S/N times this (King 1983; 0.6 for a Gaussian star over sky noise). */
const CENTROID_ERROR = 0.6;
const J2000_MS = Date.UTC(2000, 0, 1, 12);
const YEAR_MS = 365.25 * 86_400_000;
/** Digital exposures; beyond, proper motions would carry stars away. */
const [FIRST_EPOCH, LAST_EPOCH] = [1975, 2100];

/** True for frames that a run places by their stars and not by their header. */
export function mustBeSolved(
  record: FrameRecord,
  config: Pick<RunConfig, 'force_resolve_existing_wcs'>,
): boolean {
  return record.wcs === undefined || config.force_resolve_existing_wcs;
}

/** What a frame's header says that helps its solution. */
export function solveHint(record: FrameRecord): SolveHint {
  const { pointing, wcs, pixelScaleArcsec, dateObs } = record;
  const at = dateObs === undefined ? NaN : Date.parse(dateObs);
  const epoch = 2000 + (at - J2000_MS) / YEAR_MS;
  return {
    pointing: pointing ?? wcs?.centre,
    scaleArcsec: pixelScaleArcsec,
    // a camera whose clock was never set says 1970 or worse
    epoch: epoch > FIRST_EPOCH && epoch < LAST_EPOCH ? epoch : undefined,
  };
}

/** The star list as the solver takes it. */
export function solveImage({ width, height }: FrameRecord, stars: StarList): SolveImage {
  const { count, x, y, fwhm, snr } = stars;
  return {
    width,
    height,
    stars: { count, x, y, sigma: fwhm.map((w, i) => (CENTROID_ERROR * w) / snr[i]) },
  };
}

/** The record with a WCS that the program has found. */
export function placedRecord(record: FrameRecord, wcs: CelestialWcs): FrameRecord {
  const { width, height } = record;
  const place = (x: number, y: number) => {
    // what was solved shows its whole frame on the sky
    const [raDeg, decDeg] = wcs.pixelToSky(x, y)!;
    return { raDeg, decDeg };
  };
  const middle = [(width + 1) / 2, (height + 1) / 2] as const;
  const pixelScaleArcsec = wcs.pixelScaleArcsec(...middle);
  return {
    ...record,
    pixelScaleArcsec,
    wcs: {
      description: wcs.describe(),
      pixelScaleArcsec,
      centre: place(...middle),
      corners: [
        place(0.5, 0.5),
        place(width + 0.5, 0.5),
        place(width + 0.5, height + 0.5),
        place(0.5, height + 0.5),
      ],
    },
    wcsProblem: undefined,
  };
}

/** The solver of one run: its session memory, and how much time goes into what fails. */
export class RunSolver {
  readonly #signal: AbortSignal;
  #solver: PlateSolver | undefined;
  #failedMs = 0;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** @throws CatalogueError when the catalogue cannot be used; the signal's reason when the run is to stop. */
  async solve(record: FrameRecord, stars: StarList): Promise<SolveResult> {
    this.#solver ??= new PlateSolver(await builtInCatalogue());
    const hint = solveHint(record);
    const result = await this.#solver.solve(solveImage(record, stars), hint, this.#options(hint));
    if (!result.solved) this.#failedMs += result.ms;
    return result;
  }

  /** Once more, for a frame that failed, with what the frames after it have taught. */
  async retry(record: FrameRecord, stars: StarList): Promise<SolveResult> {
    this.#solver ??= new PlateSolver(await builtInCatalogue());
    const hint = solveHint(record);
    return this.#solver.retry(solveImage(record, stars), hint, this.#options(hint));
  }

  /** Where the frame's stars put it if that is near where its header does; what fails says nothing, and takes nothing from what others may search. */
  async check(record: FrameRecord, stars: StarList): Promise<SolveResult> {
    this.#solver ??= new PlateSolver(await builtInCatalogue());
    const options = { budgetMs: CHECK_BUDGET_MS, maxRadiusDeg: CHECK_RADIUS_DEG, signal: this.#signal };
    return this.#solver.solve(solveImage(record, stars), solveHint(record), options);
  }

  /** Several frames put together, as if they were one. */
  async solveGroup(image: SolveImage, hint: SolveHint): Promise<SolveResult> {
    this.#solver ??= new PlateSolver(await builtInCatalogue());
    return this.#solver.solve(image, hint, this.#options(hint));
  }

  /** In more sky than a mount's error explains, for a frame with a pointing: that of one without was a search of the whole
   * sky. Undefined where failures have cost too much already. */
  async solveWide(record: FrameRecord, stars: StarList): Promise<SolveResult | undefined> {
    if (this.#failedMs > FAILURE_ALLOWANCE_MS) return undefined;
    this.#solver ??= new PlateSolver(await builtInCatalogue());
    const hint = solveHint(record);
    const options = { ...this.#options(hint), maxRadiusDeg: WIDE_RADIUS_DEG };
    const result = await this.#solver.solve(solveImage(record, stars), hint, options);
    if (!result.solved) this.#failedMs += result.ms;
    return result;
  }

  #options({ pointing }: SolveHint): SolveOptions {
    const budgetMs = pointing ? HINTED_BUDGET_MS : BLIND_BUDGET_MS;
    return {
      budgetMs: this.#failedMs > FAILURE_ALLOWANCE_MS ? SMALL_BUDGET_MS : budgetMs,
      maxRadiusDeg: pointing ? HINTED_RADIUS_DEG : 180,
      signal: this.#signal,
    };
  }
}

/**
 * Where a frame that a run will solve may lie, by its header's pointing and scale, north up: good enough to estimate sizes, never to place pixels.
 * Undefined when the header does not say.
 */
export function estimatedPlace(record: FrameRecord): PlacedFrame | undefined {
  const { pointing, pixelScaleArcsec, width, height } = record;
  if (!pointing || pixelScaleArcsec === undefined) return undefined;
  const step = pixelScaleArcsec / 3600;
  return {
    record,
    wcs: makeTanWcs({
      crval: [pointing.raDeg, pointing.decDeg],
      crpix: [(width + 1) / 2, (height + 1) / 2],
      cd: [-step, 0, 0, step],
      shape: [width, height],
    }),
  };
}

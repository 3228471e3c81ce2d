// The solver of one run: frames are searched for in waves, side by side on all threads, and each wave knows what those before it have taught.
import { availableParallelism } from 'node:os';
import { builtInCatalogue } from '../../astrometry/catalogue/built-in-catalogue.js';
import type { StarCatalogue } from '../../astrometry/catalogue/star-catalogue.js';
import { MIN_STARS } from '../../astrometry/solver/search/frame-search.js';
import { SearchHere } from '../../astrometry/solver/search/search-here.js';
import { SearchPool } from '../../astrometry/solver/search/search-pool.js';
import type { Searcher, SearchTask } from '../../astrometry/solver/search/search-task.js';
import { opticsKey, SessionMemory } from '../../astrometry/solver/search/session-memory.js';
import type { SolveHint, SolveImage, SolveResult } from '../../astrometry/solver/solve-types.js';
import type { StarList } from '../../astrometry/stars/star-list.js';
import { CodedError } from '../../errors.js';
import type { FrameRecord } from '../../frames/frame-record.js';
import { spareProcessors } from '../spare-processors.js';
import { SearchEffort, type Effort } from './search-effort.js';
import { solveHint, solveImage } from './solve.js';

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
/** The first wave is one frame, for others to learn from; each next one twice as many, up to this. Fixed, so that answers do not depend on threads. */
const LARGEST_WAVE = 16;
/**
 * Threads take a tenth of a second each to start, and learn the sky anew: 32 searches that all succeed at once take 0.8 s without them and 1.5 s with two.
 * A wave that promises less work than this is done without.
 */
const WORTH_THREADS_MS = 500;
/** Where there are processors that would have nothing to do: what counts is when a wave is through, and that the thread which asks is free for other work meanwhile. */
const WORTH_SPARE_THREADS_MS = 100;
/** Headers that are checked before their turn, side by side: as many as are searched for in vain until all are taken at their word. */
const MOST_CHECKS = 6;
const MAX_THREADS = 16;

interface Asked {
  readonly image: SolveImage;
  readonly hint: SolveHint;
  readonly asks: 'place' | 'place in full' | 'learnt place';
  readonly resolve: (result: SolveResult) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Answers are the same whatever the number of threads. All of them fail with CatalogueError when the catalogue cannot be used, with the signal's reason
 * when the run is to stop, with CodedError solve_thread_died when a thread ends.
 */
export class RunSolver {
  readonly #signal: AbortSignal;
  readonly #threads: number;
  readonly #memory = new SessionMemory();
  readonly #effort = new SearchEffort();
  #searcher: Searcher | undefined;
  /** To check places that headers tell, and what these have taught: those that are to be searched for learn nothing of it. */
  #checker: Searcher | undefined;
  readonly #checked = new SessionMemory();
  /** Checks begun before their turn, as if none before them found anything. */
  readonly #checksAhead = new Map<FrameRecord, Promise<SolveResult>>();
  #gathered: Asked[] = [];
  #waveSize = 1;
  #running: Promise<void> = Promise.resolve();
  /** Work that went into searches that failed. */
  #failedMs = 0;
  /** All searches so far, and their work. */
  #searches = 0;
  #workMs = 0;
  #closed = false;

  /** `threads` below 1: as many as the machine has cores. */
  constructor(signal: AbortSignal, threads: number) {
    this.#signal = signal;
    this.#threads = Math.min(MAX_THREADS, threads < 1 ? availableParallelism() : threads);
  }

  /** Whether searches have been long enough for threads. */
  get isThreaded(): boolean {
    return this.#searcher instanceof SearchPool;
  }

  /** Answers come when their wave is full and done, or after `flush`. */
  solve(record: FrameRecord, stars: StarList): Promise<SolveResult> {
    return this.#ask('place', record, stars);
  }

  /** Once more, for a frame that failed, with what the frames after it have taught. Answers as `solve` does. */
  retry(record: FrameRecord, stars: StarList): Promise<SolveResult> {
    return this.#ask('learnt place', record, stars);
  }

  /**
   * In full, for a frame whose search was a short one because others like it had failed: worth it for those that `worthInFull` names. Answers as `solve`
   * does.
   */
  solveInFull(record: FrameRecord, stars: StarList): Promise<SolveResult> {
    return this.#ask('place in full', record, stars);
  }

  /** Of frames that failed, those that show more than the ones of their kind that were searched for in full. */
  worthInFull<Frame extends { readonly record: FrameRecord; readonly stars: StarList }>(
    frames: readonly Frame[],
  ): Frame[] {
    const shown = frames.map(({ record, stars }) => ({
      image: solveImage(record, stars),
      hint: solveHint(record),
    }));
    return this.#effort.worthInFull(shown).map((f) => frames[f]);
  }

  /** Searches for all that was asked. */
  async flush(): Promise<void> {
    this.#closeWave();
    await this.#running;
  }

  /** Ends all searches; what was asked, and what is asked later, fails with CodedError solve_thread_died. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#closeWave();
    await Promise.all([this.#searcher?.close(), this.#checker?.close()]);
    await this.#running;
  }

  /**
   * Where the frame's stars put it if that is near `near`, or where its header does; what fails says nothing, and takes nothing from what others may search. On threads of their own
   * where there are processors for it. Calls must not overlap.
   */
  async check(
    record: FrameRecord,
    stars: StarList,
    budgetMs = CHECK_BUDGET_MS,
    near = record.wcs?.centre,
  ): Promise<SolveResult> {
    const task = checkTask(record, stars, budgetMs, near);
    const { image, hint } = task;
    const learnt = this.#checked.about(image, hint);
    const ahead = near === record.wcs?.centre && !learnt ? this.#checksAhead.get(record) : undefined;
    const result = await (ahead ?? (await this.#openChecker()).search({ ...task, learnt }));
    if (result.solved) this.#checked.add(image, hint, result);
    return result;
  }

  /**
   * Begins the check that `check` with the same arguments will ask for if those before it have taught nothing, where there are processors for it. For the first few of a run:
   * where most headers are right, they are the only ones that are searched for.
   */
  checkAhead(record: FrameRecord, stars: StarList, budgetMs: number): void {
    if (spareProcessors(this.#threads) === 0 || this.#checksAhead.size >= MOST_CHECKS) return;
    const task = checkTask(record, stars, budgetMs, record.wcs?.centre);
    if (this.#checked.about(task.image, task.hint)) return;
    const answer = this.#openChecker().then((checker) => checker.search(task));
    // whoever asks for it hears of the error
    answer.catch(() => undefined);
    this.#checksAhead.set(record, answer);
  }

  async #openChecker(): Promise<Searcher> {
    const catalogue = await this.#catalogue();
    const spare = Math.min(spareProcessors(this.#threads), MOST_CHECKS);
    this.#checker ??=
      spare > 0 ? new SearchPool(catalogue, spare, this.#signal) : new SearchHere(catalogue, this.#signal);
    return this.#checker;
  }

  /** Several frames put together, as if they were one. At once, and alone. */
  async solveGroup(image: SolveImage, hint: SolveHint): Promise<SolveResult> {
    const limits = this.#limits(hint);
    // groups that look at one place are of a kind, whatever their sizes
    const alike = { ...image, width: 0, height: 0 };
    const effort = this.#effort.of(alike, hint, limits.budgetMs, 0);
    const result = await this.#alone(effort.scope, image, hint, { ...limits, budgetMs: effort.budgetMs });
    if (!result.solved) this.#effort.addFailure(alike, hint, effort, result.workMs);
    return result;
  }

  /**
   * In more sky than a mount's error explains, for a frame with a pointing: that of one without was a search of the whole sky. Undefined where frames like
   * it were looked for in vain, and where failures have cost too much already. At once, and alone.
   */
  async solveWide(record: FrameRecord, stars: StarList): Promise<SolveResult | undefined> {
    const [image, hint] = [solveImage(record, stars), solveHint(record)];
    if (this.#failedMs > FAILURE_ALLOWANCE_MS || !this.#effort.isWorthWide(image, hint)) return undefined;
    const limits = { ...this.#limits(hint), maxRadiusDeg: WIDE_RADIUS_DEG };
    const result = await this.#alone('whole', image, hint, limits);
    if (!result.solved) this.#effort.addWideFailure(image, hint);
    return result;
  }

  #ask(asks: Asked['asks'], record: FrameRecord, stars: StarList): Promise<SolveResult> {
    const answer = new Promise<SolveResult>((resolve, reject) => {
      const [image, hint] = [solveImage(record, stars), solveHint(record)];
      this.#gathered.push({ image, hint, asks, resolve, reject });
    });
    // whoever asked hears of the error; that it comes before they listen is no fault
    answer.catch(() => undefined);
    if (this.#closed || this.#gathered.length >= this.#waveSize) this.#closeWave();
    return answer;
  }

  #closeWave(): void {
    const wave = this.#gathered;
    this.#gathered = [];
    if (wave.length === 0) return;
    this.#waveSize = Math.min(LARGEST_WAVE, 2 * this.#waveSize);
    this.#running = this.#running.then(() => this.#searchWave(wave));
  }

  /** Of frames that would search the whole sky for what one of their kind can tell them, the first goes ahead. */
  async #searchWave(wave: readonly Asked[]): Promise<void> {
    const ahead = new Set<string>();
    const [leaders, followers]: [Asked[], Asked[]] = [[], []];
    for (const asked of wave) {
      const key = opticsKey(asked.image, asked.hint);
      const lost = !asked.hint.pointing && !this.#memory.about(asked.image, asked.hint);
      (lost && ahead.has(key) ? followers : leaders).push(asked);
      ahead.add(key);
    }
    await this.#searchTogether(leaders);
    await this.#searchTogether(followers);
  }

  async #searchTogether(wave: readonly Asked[]): Promise<void> {
    try {
      const searcher = await this.#open(wave.length);
      const efforts = this.#efforts(wave);
      const results = await Promise.all(
        wave.map(({ image, hint }, i) =>
          searcher.search(
            this.#task(efforts[i].scope, image, hint, { ...this.#limits(hint), ...efforts[i] }),
          ),
        ),
      );
      wave.forEach(({ image, hint, asks }, i) => {
        // a retry costs next to nothing
        const counts = asks !== 'learnt place';
        this.#book(image, hint, results[i], counts);
        if (counts && isSearchable(image) && !results[i].solved)
          this.#effort.addFailure(image, hint, efforts[i], results[i].workMs);
      });
      wave.forEach(({ resolve }, i) => resolve(toldOf(results[i], efforts[i])));
    } catch (error) {
      for (const { reject } of wave) reject(error);
    }
  }

  /** Frames of a wave do not know of each other: each counts as failed for those after it. */
  #efforts(wave: readonly Asked[]): Effort[] {
    const ahead = new Map<unknown, number>();
    return wave.map(({ image, hint, asks }) => {
      const { budgetMs } = this.#limits(hint);
      if (asks !== 'place' || !isSearchable(image))
        return { scope: asks === 'learnt place' ? 'learnt' : 'whole', budgetMs };
      const key = this.#effort.kindOf(image, hint);
      const before = ahead.get(key) ?? 0;
      ahead.set(key, before + 1);
      return this.#effort.of(image, hint, budgetMs, before);
    });
  }

  async #alone(
    scope: SearchTask['scope'],
    image: SolveImage,
    hint: SolveHint,
    limits: Limits,
  ): Promise<SolveResult> {
    const searcher = await this.#open(1);
    const result = await searcher.search(this.#task(scope, image, hint, limits));
    this.#book(image, hint, result, true);
    return result;
  }

  /** Threads start with the first wave that is worth them, by what a search has cost so far: counted work, so that runs of the same frames do the same. */
  async #open(searches: number): Promise<Searcher> {
    const catalogue = await this.#catalogue();
    const here = this.#searcher;
    const expectedMs = this.#searches === 0 ? 0 : (searches * this.#workMs) / this.#searches;
    const worthMs = spareProcessors(this.#threads) > 0 ? WORTH_SPARE_THREADS_MS : WORTH_THREADS_MS;
    const threaded = this.#threads > 1 && searches > 1 && expectedMs > worthMs;
    if (here && !(threaded && here instanceof SearchHere)) return here;
    this.#searcher = threaded
      ? new SearchPool(catalogue, this.#threads, this.#signal)
      : new SearchHere(catalogue, this.#signal);
    return this.#searcher;
  }

  async #catalogue(): Promise<StarCatalogue> {
    this.#signal.throwIfAborted();
    const catalogue = await builtInCatalogue();
    if (this.#closed) throw new CodedError('solve_thread_died', { detail: 'closed' });
    return catalogue;
  }

  #task(scope: SearchTask['scope'], image: SolveImage, hint: SolveHint, limits: Limits): SearchTask {
    return { scope, image, hint, learnt: this.#memory.about(image, hint), ...limits };
  }

  #book(image: SolveImage, hint: SolveHint, result: SolveResult, counts: boolean): void {
    this.#searches++;
    this.#workMs += result.workMs ?? 0;
    if (result.solved) this.#memory.add(image, hint, result);
    else if (counts) this.#failedMs += result.workMs ?? 0;
  }

  #limits({ pointing }: SolveHint): Limits {
    const budgetMs = pointing ? HINTED_BUDGET_MS : BLIND_BUDGET_MS;
    return {
      budgetMs: this.#failedMs > FAILURE_ALLOWANCE_MS ? SMALL_BUDGET_MS : budgetMs,
      maxRadiusDeg: pointing ? HINTED_RADIUS_DEG : 180,
    };
  }
}

/** A frame that shows next to nothing is not searched for, and that it has no place says nothing of others. */
const isSearchable = ({ stars }: SolveImage): boolean => stars.count >= MIN_STARS;

/** The result, and where the search was a short one, that it was. */
function toldOf(result: SolveResult, { afterFailures }: Effort): SolveResult {
  if (result.solved || afterFailures === undefined) return result;
  const { count } = result.reason.params;
  return {
    ...result,
    reason: { code: 'solve_reject_like_others', params: { count, failed: afterFailures } },
  };
}

type Limits = Pick<SearchTask, 'budgetMs' | 'maxRadiusDeg'>;

/** A search near a place, by a frame that knows of no other. */
function checkTask(
  record: FrameRecord,
  stars: StarList,
  budgetMs: number,
  near: FrameRecord['pointing'],
): SearchTask {
  const hint = solveHint(record);
  return {
    scope: 'whole',
    image: solveImage(record, stars),
    hint: { ...hint, pointing: near ?? hint.pointing },
    learnt: undefined,
    budgetMs,
    maxRadiusDeg: CHECK_RADIUS_DEG,
  };
}

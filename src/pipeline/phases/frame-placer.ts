// Places for the frames of an ingest while others are still measured: by their headers, else by their stars, by all means in their order.
import type { Solution, SolveResult } from '../../astrometry/solver/solve-types.js';
import type { StarList } from '../../astrometry/stars/star-list.js';
import type { CelestialWcs } from '../../astrometry/wcs/celestial-wcs.js';
import type { Workspace } from '../../cleanup/workspace.js';
import type { FrameRecord } from '../../frames/frame-record.js';
import { frameMeasured } from '../account/frame-measured.js';
import type { MeasuredFrame } from '../planning/grid/placed-frame.js';
import { RememberingSolver } from '../resume/remembering-solver.js';
import type { RunMemory } from '../resume/run-memory.js';
import type { RejectedFrame, RunContext } from '../run-context.js';
import { askExternalSolver } from './ask-external.js';
import { HeaderChecks, type HeaderLook } from './header-checks.js';
import { placeFailed } from './place-failed.js';
import { RunSolver } from './run-solver.js';
import { placedRecord } from './solve.js';

/** Work of a search for a frame whose stars are not where its header puts it: those that are found take 15 ms, most others are in no catalogue. */
const QUICK_MS = 100;

/** A measured frame whose place may not be known (yet), and then why. */
export type IngestedFrame = Omit<MeasuredFrame, 'wcs'> & {
  readonly wcs?: CelestialWcs;
  readonly unsolved?: RejectedFrame['reason'];
};

export class FramePlacer {
  readonly #context: RunContext;
  readonly #memory: RunMemory;
  readonly #searching: RunSolver;
  readonly #solver: RememberingSolver;
  readonly #frames: IngestedFrame[] = [];
  readonly #asked: Promise<void>[] = [];
  readonly #headers: HeaderChecks;
  /** What is done in the order of the frames. */
  #turn: Promise<void> = Promise.resolve();
  /** Frames whose header the stars say nothing of. */
  readonly #unknown: number[] = [];

  constructor(context: RunContext, memory: RunMemory) {
    this.#context = context;
    this.#memory = memory;
    this.#searching = new RunSolver(context.signal, context.config.num_processing_workers);
    this.#solver = new RememberingSolver(this.#searching, memory);
    this.#headers = new HeaderChecks(
      (record, stars, near) => this.#searching.check(record, stars, QUICK_MS, near),
      (record, stars) => this.#searching.checkAhead(record, stars, QUICK_MS),
    );
  }

  /** In the order in which they were added; those without a place say why, once `finish` is through. */
  get frames(): readonly IngestedFrame[] {
    return this.#frames;
  }

  /** What the searches have come to. */
  get results(): ReadonlyMap<string, SolveResult> {
    return this.#solver.results;
  }

  /**
   * A frame with a place keeps it, unless that is from a header and its stars are elsewhere: it is checked when all that were added before it are, while others are measured. For one
   * without a search begins. Whoever watches hears of it when that is through. What fails is told by `finish`.
   */
  add(frame: IngestedFrame): void {
    const { sink } = this.#context;
    const at = this.#frames.push(frame) - 1;
    const told = () => sink.emit(frameMeasured(this.#frames[at]));
    const { wcs, record, stars } = frame;
    if (!wcs) {
      this.#ask(this.#settle(at, this.#solver.solve(record, stars)).then(told));
    } else if (frame.tile || this.#context.config.refine_astrometry === 'off') {
      // tiles are judged where they are read; whoever wants no header refined takes them at their word
      this.inTurn(told);
    } else {
      const looked = this.#headers.look(record, wcs, stars);
      looked.catch(() => undefined);
      this.inTurn(() => this.#checkHeader(at, frame, wcs, looked).then(told));
    }
  }

  /** Does what is to be told of a frame after what is told of those before it. */
  inTurn(action: () => void | Promise<void>): void {
    this.#turn = this.#turn.then(action);
    this.#ask(this.#turn);
  }

  async #checkHeader(
    at: number,
    frame: IngestedFrame,
    wcs: CelestialWcs,
    looked: Promise<HeaderLook>,
  ): Promise<void> {
    const { record, stars } = frame;
    const verdict = await this.#context.ledger.time('solve', 'host', async () => ({
      result: await this.#headers.judge(record, wcs, stars, looked),
      bytes: 0,
    }));
    if (verdict.kind === 'unknown') this.#unknown.push(at);
    if (verdict.kind === 'wrong') this.#frames[at] = placedFrame(frame, verdict.solution);
  }

  /** Where many headers are wrong, those that the stars say nothing of are as good as none. */
  #dropDoubtful(): void {
    const { distances, doubtsUnknown } = this.#headers;
    if (distances.length === 0) return;
    const doubted = doubtsUnknown ? this.#unknown : [];
    for (const at of doubted) {
      const frame = { ...this.#frames[at], wcs: undefined };
      this.#frames[at] = frame;
      this.#ask(this.#settle(at, this.#solver.solve(frame.record, frame.stars)));
    }
    const most = Math.round(Math.min(Math.max(...distances), 1e6));
    const params = { count: distances.length, most, doubted: doubted.length };
    this.#context.sink.emit({ type: 'warning', message: { code: 'pipeline_header_wcs_wrong', params } });
  }

  /** Where the frame's stars put it, near where its header does. */
  check(record: FrameRecord, stars: StarList): Promise<SolveResult> {
    return this.#searching.check(record, stars);
  }

  /**
   * For what failed: what all others have taught, neighbours, frames together, the solver that the user has named.
   * @throws CatalogueError when the catalogue cannot be used; CodedError solve_thread_died; the signal's reason.
   */
  async finish(workspace: Workspace): Promise<void> {
    await this.#turn;
    this.#dropDoubtful();
    await this.#answers();
    await this.#retry();
    await this.#searchInFull();
    await this.#placeRemaining();
    const asked = await askExternalSolver(this.#context, workspace, this.#frames);
    for (const [at, result] of asked) {
      const frame = this.#frames[at];
      this.#solver.results.set(frame.record.path, result);
      this.#frames[at] = result.solved ? placedFrame(frame, result) : { ...frame, unsolved: result.reason };
    }
  }

  close(): Promise<void> {
    return this.#searching.close();
  }

  #ask(answer: Promise<void>): void {
    // `finish` hears of the error; that it comes before is no fault
    answer.catch(() => undefined);
    this.#asked.push(answer);
  }

  async #answers(): Promise<void> {
    await this.#searching.flush();
    await Promise.all(this.#asked.splice(0));
  }

  async #settle(at: number, answer: Promise<SolveResult>): Promise<void> {
    const result = await answer;
    this.#context.ledger.add('solve', 'host', result.ms, 0, 1);
    const frame = this.#frames[at];
    this.#frames[at] = result.solved
      ? placedFrame(frame, result)
      : { ...frame, unsolved: frame.unsolved ?? result.reason };
  }

  /** What failed once more, with what others have taught. */
  async #retry(): Promise<void> {
    for (const [at, { unsolved, record, stars }] of this.#frames.entries())
      if (unsolved) this.#ask(this.#settle(at, this.#solver.retry(record, stars)));
    await this.#answers();
  }

  /** Frames that were searched for but shortly, as long as there are any that are worth more; what those that are found teach is for all others. */
  async #searchInFull(): Promise<void> {
    for (;;) {
      const open = [...this.#frames.entries()].flatMap(([at, { unsolved, record, stars }]) =>
        unsolved?.code === 'solve_reject_like_others' && !this.#memory.place(record.path)
          ? [{ at, record, stars }]
          : [],
      );
      const chosen = this.#searching.worthInFull(open);
      if (chosen.length === 0) return;
      for (const { at, record, stars } of chosen) {
        this.#frames[at] = { ...this.#frames[at], unsolved: undefined };
        this.#ask(this.#settle(at, this.#solver.solveInFull(record, stars)));
      }
      await this.#answers();
      if (chosen.some(({ at }) => !this.#frames[at].unsolved)) await this.#retry();
    }
  }

  /** Frames that failed one by one, by their neighbours or together. What another run has come to is final. */
  async #placeRemaining(): Promise<void> {
    const { ledger, signal } = this.#context;
    if (!this.#frames.some(({ unsolved, record }) => unsolved && !this.#memory.place(record.path))) return;
    const found = await ledger.time('solve', 'host', async () => ({
      result: await placeFailed(this.#frames, this.#searching, signal),
      bytes: 0,
    }));
    for (const [at, solution] of found) {
      const frame = this.#frames[at];
      this.#solver.results.set(frame.record.path, { solved: true, ...solution });
      this.#frames[at] = placedFrame(frame, solution);
    }
  }
}

function placedFrame(frame: IngestedFrame, { wcs, matched, rmsPx, logOdds, by }: Solution): IngestedFrame {
  return {
    ...frame,
    record: placedRecord(frame.record, wcs),
    wcs,
    solution: { matched, rmsPx, logOdds, ...(by !== undefined && { by }) },
    unsolved: undefined,
  };
}

// What the built-in solver could not place is shown to the solver that the user names; what that one claims is judged here.
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { builtInCatalogue } from '../../astrometry/catalogue/built-in-catalogue.js';
import type { ExternalFailure, ExternalSolver } from '../../astrometry/external/external-solver.js';
import { judgeProposal } from '../../astrometry/external/judge-proposal.js';
import { MIN_STARS } from '../../astrometry/solver/search/frame-search.js';
import type { SolveHint, SolveImage, SolveResult } from '../../astrometry/solver/solve-types.js';
import type { CodedMessage } from '../../config/errors.js';
import { sideBySide } from '../side-by-side.js';

/** After so many times its time limit spent on failures a solver is asked no more: a night of clouds does not take another night. */
const FAILURE_ALLOWANCE = 10;
/** One error of a server passes, and so may a second one; what does not serve so many times in a row is asked no more. */
const REFUSALS_IN_A_ROW = 3;

/** Answers that say nothing about the frame. */
const REFUSALS: readonly string[] = ['solve_reject_external_refused', 'solve_reject_external_not_started'];

export interface ExternalFallbackOptions {
  readonly timeoutMs: number;
  /** Frames that a program on this machine is asked about at a time. */
  readonly instances: number;
  /** Makes, once, the folder that the solver's files go into; its owner removes it. */
  readonly folder: () => Promise<string>;
  /** What a call has written stays there. */
  readonly keepFiles: boolean;
  readonly signal: AbortSignal | undefined;
}

/** A frame as the solver is shown it. */
export interface ShownFrame {
  readonly image: SolveImage;
  readonly hint: SolveHint;
}

export class ExternalFallback {
  /** Frames that it has placed. */
  placed = 0;
  /** Frames that it was not shown any more. */
  #notShown = 0;
  #failedMs = 0;
  /** The last answers, as far as they were none. */
  readonly #refusals: ExternalFailure[] = [];
  /** Why it cannot be asked at all. */
  #absent: ExternalFailure | undefined;

  constructor(
    private readonly solver: ExternalSolver,
    private readonly options: ExternalFallbackOptions,
  ) {}

  get name(): string {
    return this.solver.name;
  }

  /** What users should hear once all frames are through: that it was given up, why, and how many frames it was not shown. */
  get givenUp(): CodedMessage | undefined {
    const [solver, count] = [this.name, this.#notShown];
    if (count === 0) return undefined;
    if (this.#refuses) {
      const detail = String(this.#refusals[0].params.detail);
      const params = { solver, count, times: REFUSALS_IN_A_ROW, detail };
      return { code: 'pipeline_external_solver_refuses', params };
    }
    const minutes = Math.max(1, Math.round((FAILURE_ALLOWANCE * this.options.timeoutMs) / 60_000));
    return { code: 'pipeline_external_solver_given_up', params: { solver, count, minutes } };
  }

  get #refuses(): boolean {
    return this.#refusals.length >= REFUSALS_IN_A_ROW;
  }

  /**
   * Asks about the frames, local programs about several at a time, and hands each answer to `each` in the frames' order: undefined for a frame that is not
   * shown, having too few stars for anybody, or because the solver was given up. An answer depends on its frame alone.
   * @throws the signal's reason; CatalogueError; what `each` throws.
   */
  solveAll<T>(
    frames: readonly T[],
    shown: (frame: T) => ShownFrame,
    each: (result: SolveResult | undefined, index: number) => void | Promise<void>,
  ): Promise<void> {
    const atOnce = this.solver.isLocal ? this.options.instances : 1;
    return sideBySide(frames, atOnce, (frame) => this.#solve(shown(frame)), each);
  }

  async #solve({ image, hint }: ShownFrame): Promise<SolveResult | undefined> {
    if (image.stars.count < MIN_STARS) return undefined;
    if (this.#absent) return { solved: false, reason: this.#absent, ms: 0 };
    if (this.#refuses || this.#failedMs > FAILURE_ALLOWANCE * this.options.timeoutMs) {
      this.#notShown++;
      return undefined;
    }
    const start = performance.now();
    const result = await this.#ask(image, hint);
    const ms = performance.now() - start;
    this.#count(result);
    if ('wcs' in result) {
      this.placed++;
      return { solved: true, ...result, by: this.name, ms };
    }
    this.#failedMs += ms;
    return { solved: false, reason: result, ms };
  }

  /** Whether it is worth asking again. */
  #count(result: ExternalFailure | { readonly wcs: unknown }): void {
    const code = 'wcs' in result ? '' : result.code;
    if (!('wcs' in result) && REFUSALS.includes(code)) this.#refusals.push(result);
    // who gives up stays so, whatever those say that were asked before
    else if (!this.#refuses) this.#refusals.length = 0;
    if (!('wcs' in result) && code === 'solve_reject_external_missing') this.#absent = result;
  }

  async #ask(image: SolveImage, hint: SolveHint) {
    const folder = await mkdtemp(path.join(await this.options.folder(), 'frame-'));
    try {
      const proposal = await this.solver.propose(image, hint, folder, this.options.signal);
      if ('failure' in proposal) return proposal.failure;
      const judged = judgeProposal(await builtInCatalogue(), image, hint, proposal.wcs);
      if ('wcs' in judged) return judged;
      const { agree, of } = judged;
      return { code: 'solve_reject_external_wrong', params: { solver: this.name, agree, of } } as const;
    } finally {
      if (!this.options.keepFiles) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    }
  }
}

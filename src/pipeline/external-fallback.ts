// What the built-in solver could not place is shown to the solver that the user names; what that one claims is judged here.
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { builtInCatalogue } from '../astrometry/catalogue/built-in-catalogue.js';
import type { ExternalFailure, ExternalSolver } from '../astrometry/external/external-solver.js';
import { judgeProposal } from '../astrometry/external/judge-proposal.js';
import { MIN_STARS } from '../astrometry/solver/frame-search.js';
import type { SolveHint, SolveImage, SolveResult } from '../astrometry/solver/solve-types.js';

/** After so many times its time limit spent on failures a solver is asked no more: a night of clouds does not take another night. */
const FAILURE_ALLOWANCE = 10;

export interface ExternalFallbackOptions {
  readonly timeoutMs: number;
  /** Makes, once, the folder that the solver's files go into; its owner removes it. */
  readonly folder: () => Promise<string>;
  /** What a call has written stays there. */
  readonly keepFiles: boolean;
  readonly signal: AbortSignal | undefined;
}

export class ExternalFallback {
  /** Frames that the solver was not shown, because it had failed for too long. */
  notShown = 0;
  /** Frames that it has placed. */
  placed = 0;
  #failedMs = 0;
  /** Why it cannot be asked at all. */
  #absent: ExternalFailure | undefined;

  constructor(
    private readonly solver: ExternalSolver,
    private readonly options: ExternalFallbackOptions,
  ) {}

  get name(): string {
    return this.solver.name;
  }

  /** Minutes of failures after which it is asked no more. */
  get allowanceMinutes(): number {
    return Math.round((FAILURE_ALLOWANCE * this.options.timeoutMs) / 60_000);
  }

  /** Undefined for a frame that is not shown: too few stars for anybody, or too many failures. @throws the signal's reason; CatalogueError. */
  async solve(image: SolveImage, hint: SolveHint): Promise<SolveResult | undefined> {
    if (image.stars.count < MIN_STARS) return undefined;
    if (this.#absent) return { solved: false, reason: this.#absent, ms: 0 };
    if (this.#failedMs > FAILURE_ALLOWANCE * this.options.timeoutMs) {
      this.notShown++;
      return undefined;
    }
    const start = performance.now();
    const result = await this.#ask(image, hint);
    const ms = performance.now() - start;
    if ('wcs' in result) {
      this.placed++;
      return { solved: true, ...result, by: this.name, ms };
    }
    this.#failedMs += ms;
    // it would be as absent for the next frame
    if (result.code === 'solve_reject_external_missing' || result.code === 'solve_reject_external_refused')
      this.#absent = result;
    return { solved: false, reason: result, ms };
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

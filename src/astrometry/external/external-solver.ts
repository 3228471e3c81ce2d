// What every solver outside this program looks like from here: it is given stars and hints, and proposes a WCS that is then judged.
import type { CelestialWcs } from '../wcs/celestial-wcs.js';
import type { SolveHint, SolveImage } from '../solver/solve-types.js';

/** Why there is no proposal: locale code and values, `solver` among them; `detail` is `none` where nothing was said. */
export interface ExternalFailure {
  readonly code:
    | 'solve_reject_external_missing'
    | 'solve_reject_external_not_started'
    | 'solve_reject_external_timeout'
    | 'solve_reject_external_unsolved'
    | 'solve_reject_external_rubbish'
    | 'solve_reject_external_refused'
    | 'solve_reject_external_wrong';
  readonly params: Readonly<Record<string, string | number>>;
}

/** A WCS as the solver gives it, not yet judged; or why there is none. */
export type Proposal = { readonly wcs: CelestialWcs } | { readonly failure: ExternalFailure };

export interface ExternalSolver {
  /** As users know it: `ASTAP`, `solve-field`, the address of a server. */
  readonly name: string;
  /** A program on this machine, of which several may run at a time; services are asked one thing after the other. */
  readonly isLocal: boolean;
  /**
   * Looks at the stars alone: no file of the user's is handed over. What is written goes into `folder`, which is empty and belongs to this call.
   * Ends within the solver's time limit, with all processes that it has started.
   * @throws the signal's reason.
   */
  propose(
    image: SolveImage,
    hint: SolveHint,
    folder: string,
    signal: AbortSignal | undefined,
  ): Promise<Proposal>;
}

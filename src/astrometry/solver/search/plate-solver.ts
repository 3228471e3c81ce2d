// The built-in plate solver: where on the sky an image lies, from its stars and the catalogue alone.
import type { StarCatalogue } from '../../catalogue/star-catalogue.js';
import { FrameSearch } from './frame-search.js';
import { runTask, type SearchTask } from './search-task.js';
import { SessionMemory } from './session-memory.js';
import type { SolveHint, SolveImage, SolveOptions, SolveResult } from '../solve-types.js';

/**
 * Solves frames of a session one after the other; what is learnt from a solved frame speeds up the next. For an image of the sky with an
 * honest hint an answer takes milliseconds. Calls must not overlap. An answer is a solution whose chance of being wrong is below 1e-7 (hinted;
 * 1e-9 blind, 10^-5.5 where the session has learnt the place), or none. Answers depend on the order of the frames, and on nothing else.
 */
export class PlateSolver {
  readonly #search: FrameSearch;
  readonly #memory = new SessionMemory();

  constructor(catalogue: StarCatalogue) {
    this.#search = new FrameSearch(catalogue);
  }

  /** The whole search: learnt places, rings around the hint, then wider as far as `options` allow. */
  solve(image: SolveImage, hint: SolveHint, options: SolveOptions): Promise<SolveResult> {
    return this.#run('whole', image, hint, options);
  }

  /** For a frame that failed: once more with what the session has learnt since, where it ought to be. */
  retry(image: SolveImage, hint: SolveHint, options: SolveOptions): Promise<SolveResult> {
    return this.#run('learnt', image, hint, options);
  }

  async #run(
    scope: SearchTask['scope'],
    image: SolveImage,
    hint: SolveHint,
    { budgetMs, maxRadiusDeg, signal }: SolveOptions,
  ): Promise<SolveResult> {
    const learnt = this.#memory.about(image, hint);
    const task = { image, hint, learnt, scope, budgetMs, maxRadiusDeg };
    const result = await runTask(this.#search, task, signal);
    if (result.solved) this.#memory.add(image, hint, result);
    return result;
  }
}

// Searches in the thread that asks for them, one after the other.
import { CodedError } from '../../../errors.js';
import type { StarCatalogue } from '../../catalogue/star-catalogue.js';
import { FrameSearch } from './frame-search.js';
import { runTask, type Searcher, type SearchTask } from './search-task.js';
import type { SolveResult } from '../solve-types.js';

export class SearchHere implements Searcher {
  readonly #search: FrameSearch;
  readonly #signal: AbortSignal;
  readonly #end = new AbortController();
  #last: Promise<unknown> = Promise.resolve();

  constructor(catalogue: StarCatalogue, signal: AbortSignal) {
    this.#search = new FrameSearch(catalogue);
    this.#signal = AbortSignal.any([signal, this.#end.signal]);
  }

  search(task: SearchTask): Promise<SolveResult> {
    const run = () => {
      this.#signal.throwIfAborted();
      return runTask(this.#search, task, this.#signal);
    };
    const result = this.#last.then(run, run);
    this.#last = result;
    return result;
  }

  /** What is under way, and what is asked later, fails with CodedError solve_thread_died. */
  async close(): Promise<void> {
    this.#end.abort(new CodedError('solve_thread_died', { detail: 'closed' }));
    await this.#last.catch(() => undefined);
  }
}

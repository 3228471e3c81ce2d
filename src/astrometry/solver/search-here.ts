// Searches in the thread that asks for them, one after the other.
import type { StarCatalogue } from '../catalogue/star-catalogue.js';
import { FrameSearch } from './frame-search.js';
import { runTask, type Searcher, type SearchTask } from './search-task.js';
import type { SolveResult } from './solve-types.js';

export class SearchHere implements Searcher {
  readonly #search: FrameSearch;
  readonly #signal: AbortSignal;
  #last: Promise<unknown> = Promise.resolve();

  constructor(catalogue: StarCatalogue, signal: AbortSignal) {
    this.#search = new FrameSearch(catalogue);
    this.#signal = signal;
  }

  search(task: SearchTask): Promise<SolveResult> {
    const run = () => runTask(this.#search, task, this.#signal);
    const result = this.#last.then(run, run);
    this.#last = result;
    return result;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

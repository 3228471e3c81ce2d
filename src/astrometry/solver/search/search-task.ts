// A search as it is sent to whoever does it: plain values.
import type { FrameSearch } from './frame-search.js';
import { learntSteps, nearSteps, searchSteps } from './search-steps.js';
import type { Learnt } from './session-memory.js';
import type { SolveHint, SolveImage, SolveResult } from '../solve-types.js';

export interface SearchTask {
  readonly image: SolveImage;
  readonly hint: SolveHint;
  /** What the session knew when the search was asked for. */
  readonly learnt: Learnt | undefined;
  /** The whole search; only where the session says that the frame ought to be and close to its hint; only the first of these. */
  readonly scope: 'whole' | 'near' | 'learnt';
  /** As of `SolveOptions`. */
  readonly budgetMs: number;
  readonly maxRadiusDeg: number;
}

/** Does searches, several at a time or one after the other; the answers are the same. */
export interface Searcher {
  /** @throws the reason of the signal that the searcher was made with. */
  search(task: SearchTask): Promise<SolveResult>;
  close(): Promise<void>;
}

export function runTask(search: FrameSearch, task: SearchTask, signal?: AbortSignal): Promise<SolveResult> {
  const { image, hint, learnt, scope, budgetMs, maxRadiusDeg } = task;
  const steps = {
    whole: () => searchSteps(hint, learnt, maxRadiusDeg),
    near: () => nearSteps(hint, learnt),
    learnt: () => learntSteps(hint, learnt),
  };
  return search.run(image, hint, { budgetMs, maxRadiusDeg, signal }, steps[scope]());
}

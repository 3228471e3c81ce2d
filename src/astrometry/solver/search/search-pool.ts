// The solver's threads: each takes the next search as soon as it is through with one.
import { fileURLToPath } from 'node:url';
import type { Worker } from 'node:worker_threads';
import { CodedError } from '../../../errors.js';
import { startThread } from '../../../start-thread.js';
import type { StarCatalogue } from '../../catalogue/star-catalogue.js';
import type { Searcher, SearchTask } from './search-task.js';
import {
  receivedResult,
  type SearchRequest,
  type SearchThreadStart,
  type SentResult,
} from './search-wire.js';
import type { SolveResult } from '../solve-types.js';

const WORKER = fileURLToPath(new URL('./search-worker', import.meta.url));

interface Waiting {
  readonly task: SearchTask;
  readonly resolve: (result: SolveResult) => void;
  readonly reject: (error: unknown) => void;
}

export class SearchPool implements Searcher {
  readonly #signal: AbortSignal;
  readonly #idle: Worker[] = [];
  readonly #busy = new Map<Worker, Waiting>();
  readonly #waiting: Waiting[] = [];
  #end: { readonly error: unknown } | undefined;

  /** Threads start at once and share the catalogue's bytes. */
  constructor(catalogue: StarCatalogue, threads: number, signal: AbortSignal) {
    this.#signal = signal;
    const start: SearchThreadStart = { catalogue: catalogue.bytes, name: catalogue.name };
    for (let t = 0; t < threads; t++) {
      const worker = startThread(WORKER, start);
      worker.unref();
      worker.on('message', (sent: SentResult) => this.#answer(worker, sent));
      worker.on(
        'error',
        (error) => void this.#fail(new CodedError('solve_thread_died', { detail: error.message })),
      );
      worker.on(
        'exit',
        (code) => void this.#fail(new CodedError('solve_thread_died', { detail: String(code) })),
      );
      this.#idle.push(worker);
    }
    signal.addEventListener('abort', this.#stop, { once: true });
    if (signal.aborted) this.#stop();
  }

  readonly #stop = () => void this.#fail(this.#signal.reason);

  /** @throws the signal's reason; CodedError solve_thread_died. */
  search(task: SearchTask): Promise<SolveResult> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ task, resolve, reject });
      this.#advance();
    });
  }

  async close(): Promise<void> {
    this.#signal.removeEventListener('abort', this.#stop);
    await this.#fail(new CodedError('solve_thread_died', { detail: 'closed' }));
  }

  #advance(): void {
    if (this.#end) for (const { reject } of this.#waiting.splice(0)) reject(this.#end.error);
    while (this.#waiting.length > 0 && this.#idle.length > 0) {
      const [worker, next] = [this.#idle.pop()!, this.#waiting.shift()!];
      this.#busy.set(worker, next);
      // a thread at work keeps the program alive
      worker.ref();
      worker.postMessage({ task: next.task } satisfies SearchRequest);
    }
  }

  #answer(worker: Worker, sent: SentResult): void {
    const asked = this.#busy.get(worker);
    this.#busy.delete(worker);
    worker.unref();
    this.#idle.push(worker);
    asked?.resolve(receivedResult(sent));
    this.#advance();
  }

  /** Ends all threads; what they were at, and what is asked later, fails with the first error. */
  async #fail(error: unknown): Promise<void> {
    if (this.#end) return;
    this.#end = { error };
    const threads = [...this.#idle.splice(0), ...this.#busy.keys()];
    for (const { reject } of this.#busy.values()) reject(error);
    this.#busy.clear();
    this.#advance();
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}

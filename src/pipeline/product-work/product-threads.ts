// Threads that measure and show a finished mosaic. They read its canvases where they lie, in their files or in memory.
import path from 'node:path';
import type { MessagePort, Worker } from 'node:worker_threads';
import { AskedThreads, type Asked } from '../../asked-threads.js';
import type { GivenThread, ThreadModule } from '../../compute/backend.js';
import { compiledPasses } from '../../simd/sample-passes.js';
import { moduleAt, startThread } from '../../start-thread.js';
import { sharedCanvases, type FinishedCanvases } from '../canvas/finished-canvases.js';
import { doProductWork, type ProductResults, type ProductWorks, type WorkKind } from './product-work.js';
import type { ProductAnswer, ProductRequest, ProductThreadStart } from './product-worker.js';

/** The worker lies beside this file or, in the joined program, beside the file that this one has become a part of. */
const WORKER = path.join(import.meta.dirname, 'product-worker');

/** How long a work takes beside the others, about. */
const COST: Readonly<Record<WorkKind, number>> = { picture: 4, stars: 1, steps: 1, noise: 1 };

interface AskedWork extends Asked<ProductResults[WorkKind]> {
  readonly cost: number;
}

const startOf = (): ProductThreadStart => ({ passes: compiledPasses() });

const load = (asked: readonly AskedWork[]): number => asked.reduce((sum, { cost }) => sum + cost, 0);

export class ProductThreads {
  readonly #threads: AskedThreads<AskedWork>;

  /** `onDeath` hears of each thread that ends before it is told to; what it was asked is done by the thread that asks. */
  constructor(
    private readonly signal: AbortSignal,
    onDeath: (detail: string) => void,
  ) {
    this.#threads = new AskedThreads(signal, onDeath);
  }

  /** Threads that live. */
  get count(): number {
    return this.#threads.all.length;
  }

  /** Has as many threads start as are missing of `threads`. */
  start(threads: number): void {
    while (this.count < threads && !this.#threads.isOver) {
      const worker = startThread(WORKER, startOf());
      this.#take(worker, worker);
    }
  }

  /** Takes as many threads as are missing of `threads` from who gives them away, as far as there are any, and has the rest start. */
  takeOver(threads: number, give: (module: ThreadModule) => GivenThread | undefined): void {
    while (this.count < threads && !this.#threads.isOver) {
      const given = give({ file: moduleAt(WORKER), start: startOf() });
      if (!given) return this.start(threads);
      this.#take(given.worker, given.port);
    }
  }

  /** Has a thread begin with a work, where there is one that finds the canvases; undefined where not, or where it fails or ends before it is through. @throws the signal's reason. */
  async ask<K extends WorkKind>(
    kind: K,
    work: ProductWorks[K],
    canvases: FinishedCanvases,
  ): Promise<ProductResults[K] | undefined> {
    this.signal.throwIfAborted();
    const freest = this.#threads.freest(load);
    const shared = freest && sharedCanvases(canvases);
    if (!shared) return undefined;
    return new Promise<ProductResults[WorkKind] | undefined>((resolve, reject) => {
      freest.asked.push({ cost: COST[kind], resolve, reject });
      freest.port.postMessage({ kind, work, canvases: shared } satisfies ProductRequest);
    }) as Promise<ProductResults[K] | undefined>;
  }

  /** Has a thread begin with a work; what this gives waits for it, or does it here and now where no thread has. */
  begin<K extends WorkKind>(
    kind: K,
    work: ProductWorks[K],
    canvases: FinishedCanvases,
  ): () => Promise<ProductResults[K]> {
    const there = this.ask(kind, work, canvases);
    // whether it failed is asked later
    there.catch(() => undefined);
    return async () => (await there) ?? doProductWork(kind, work, canvases);
  }

  /** Ends all threads, whatever they are at. */
  close(): Promise<void> {
    return this.#threads.close();
  }

  #take(worker: Worker, port: MessagePort | Worker): void {
    const { asked } = this.#threads.add(worker, port);
    port.on('message', (answer: ProductAnswer) => {
      asked.shift()?.resolve(answer.result);
    });
  }
}

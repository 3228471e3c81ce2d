// Threads that measure and show a finished mosaic. They read its canvases where they lie, and touch no file.
import path from 'node:path';
import type { MessagePort, Worker } from 'node:worker_threads';
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

interface Asked {
  readonly cost: number;
  readonly resolve: (result: ProductResults[WorkKind] | undefined) => void;
  readonly reject: (error: unknown) => void;
}

interface Thread {
  readonly worker: Worker;
  readonly port: MessagePort | Worker;
  /** In the order of asking, which is that of the answers. */
  readonly asked: Asked[];
}

const startOf = (): ProductThreadStart => ({ passes: compiledPasses() });

const load = ({ asked }: Thread): number => asked.reduce((sum, { cost }) => sum + cost, 0);

export class ProductThreads {
  #threads: Thread[] = [];
  #end: Promise<unknown> | undefined;

  /** `onDeath` hears of each thread that ends before it is told to; what it was asked is done by the thread that asks. */
  constructor(
    private readonly signal: AbortSignal,
    private readonly onDeath: (detail: string) => void,
  ) {
    signal.addEventListener('abort', this.#stop, { once: true });
  }

  readonly #stop = () => void this.#terminate(this.signal.reason);

  /** Threads that live. */
  get count(): number {
    return this.#threads.length;
  }

  /** Has as many threads start as are missing of `threads`. */
  start(threads: number): void {
    while (this.count < threads && !this.#isOver) {
      const worker = startThread(WORKER, startOf());
      this.#take(worker, worker);
    }
  }

  /** Takes as many threads as are missing of `threads` from who gives them away, as far as there are any, and has the rest start. */
  takeOver(threads: number, give: (module: ThreadModule) => GivenThread | undefined): void {
    while (this.count < threads && !this.#isOver) {
      const given = give({ file: moduleAt(WORKER), start: startOf() });
      if (!given) return this.start(threads);
      this.#take(given.worker, given.port);
    }
  }

  get #isOver(): boolean {
    return this.signal.aborted || this.#end !== undefined;
  }

  /** Has a thread begin with a work, where there is one and the canvases lie in shared memory; undefined where not, or where the thread ends before it is through. @throws the signal's reason; what the work throws. */
  async ask<K extends WorkKind>(
    kind: K,
    work: ProductWorks[K],
    canvases: FinishedCanvases,
  ): Promise<ProductResults[K] | undefined> {
    this.signal.throwIfAborted();
    const [freest] = [...this.#threads].sort((a, b) => load(a) - load(b));
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
  async close(): Promise<void> {
    this.signal.removeEventListener('abort', this.#stop);
    await this.#terminate(undefined);
  }

  #take(worker: Worker, port: MessagePort | Worker): void {
    const thread: Thread = { worker, port, asked: [] };
    this.#threads.push(thread);
    port.on('message', (answer: ProductAnswer) => {
      const asked = thread.asked.shift();
      if ('result' in answer) asked?.resolve(answer.result);
      else asked?.reject(answer.error);
    });
    worker.on('error', (error) => this.#died(thread, error.message));
    worker.on('exit', (code) => this.#died(thread, `exit ${code}`));
  }

  #died(thread: Thread, detail: string): void {
    if (!this.#threads.includes(thread)) return;
    this.#threads = this.#threads.filter((other) => other !== thread);
    this.onDeath(detail);
    for (const { resolve } of thread.asked.splice(0)) resolve(undefined);
  }

  async #terminate(error: unknown): Promise<void> {
    const threads = this.#threads;
    this.#threads = [];
    for (const { asked } of threads) for (const { reject } of asked.splice(0)) reject(error);
    await (this.#end ??= Promise.all(threads.map(({ worker }) => worker.terminate())));
  }
}

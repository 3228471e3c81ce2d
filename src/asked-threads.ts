// Threads that are asked one thing after the other and answer in that order. What a thread was asked that ends comes back unanswered.
import type { MessagePort, Worker } from 'node:worker_threads';

export interface Asked<Answer> {
  /** Undefined from a thread that ended. */
  readonly resolve: (answer: Answer | undefined) => void;
  readonly reject: (error: unknown) => void;
}

export interface AskedThread<A> {
  readonly worker: Worker;
  /** Where it hears, and is heard. */
  readonly port: MessagePort | Worker;
  /** In the order of asking, which is that of the answers. */
  readonly asked: A[];
}

export class AskedThreads<A extends Asked<never>> {
  #threads: AskedThread<A>[] = [];
  #end: Promise<unknown> | undefined;

  /** `onDeath` hears of each thread that ends before it is told to. */
  constructor(
    private readonly signal: AbortSignal,
    private readonly onDeath: (detail: string) => void,
  ) {
    signal.addEventListener('abort', this.#stop, { once: true });
  }

  readonly #stop = () => void this.#terminate(this.signal.reason);

  /** Those that live. */
  get all(): readonly AskedThread<A>[] {
    return this.#threads;
  }

  /** True once no thread is to be added. */
  get isOver(): boolean {
    return this.signal.aborted || this.#end !== undefined;
  }

  add(worker: Worker, port: MessagePort | Worker = worker): AskedThread<A> {
    const thread: AskedThread<A> = { worker, port, asked: [] };
    this.#threads.push(thread);
    worker.on('error', (error) => this.#died(thread, error.message));
    worker.on('exit', (code) => this.#died(thread, `exit ${code}`));
    return thread;
  }

  /** The one with the least to do. */
  freest(load: (asked: readonly A[]) => number): AskedThread<A> | undefined {
    const [freest] = [...this.#threads].sort((a, b) => load(a.asked) - load(b.asked));
    return freest;
  }

  /** Ends all threads, whatever they are at. */
  async close(): Promise<void> {
    this.signal.removeEventListener('abort', this.#stop);
    await this.#terminate(undefined);
  }

  #died(thread: AskedThread<A>, detail: string): void {
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

// Threads that look at frames. Each reads its frame's samples itself, and tells no more than what stays of them.
import path from 'node:path';
import type { Worker } from 'node:worker_threads';
import { compiledPasses } from '../simd/sample-passes.js';
import { startThread } from '../start-thread.js';
import type { FrameLook } from './look-at-frame.js';
import type { LookRequest, MeasureThreadStart } from './measure-worker.js';

/** The worker lies beside this file or, in the joined program, beside the file that this one has become a part of. */
const WORKER = path.join(import.meta.dirname, 'measure-worker');

/** Frames that a thread knows of: the one it looks at, and the next, so that it need not wait for the thread that asks. */
export const FRAMES_A_THREAD = 2;

interface Asked {
  readonly resolve: (look: FrameLook | undefined) => void;
  readonly reject: (error: unknown) => void;
}

interface Thread {
  readonly worker: Worker;
  /** In the order of asking, which is that of the answers. */
  readonly asked: Asked[];
}

export class MeasurePool {
  readonly #signal: AbortSignal;
  #threads: Thread[] = [];
  #end: Promise<unknown> | undefined;

  /** Threads start at once. `onDeath` hears of each that ends before it is told to; what it was asked comes back unseen. */
  constructor(
    threads: number,
    signal: AbortSignal,
    private readonly onDeath: (detail: string) => void,
  ) {
    this.#signal = signal;
    for (let t = 0; t < threads && !signal.aborted; t++) this.#start();
    signal.addEventListener('abort', this.#stop, { once: true });
  }

  readonly #stop = () => void this.#terminate(this.#signal.reason);

  /** Identifiers of the threads, for tests that take one away. */
  get workers(): readonly Worker[] {
    return this.#threads.map(({ worker }) => worker);
  }

  /**
   * What the frame shows. Undefined where all threads have enough to do, or the frame's own ended with it: then the caller has to look.
   * @throws the signal's reason.
   */
  async look(request: LookRequest): Promise<FrameLook | undefined> {
    this.#signal.throwIfAborted();
    const [freest] = [...this.#threads].sort((a, b) => a.asked.length - b.asked.length);
    if (!freest || freest.asked.length >= FRAMES_A_THREAD) return undefined;
    return new Promise((resolve, reject) => {
      freest.asked.push({ resolve, reject });
      freest.worker.postMessage(request);
    });
  }

  /** Ends all threads, whatever they are at. */
  async close(): Promise<void> {
    this.#signal.removeEventListener('abort', this.#stop);
    await this.#terminate(undefined);
  }

  #start(): void {
    const worker = startThread(WORKER, { passes: compiledPasses() } satisfies MeasureThreadStart);
    const thread: Thread = { worker, asked: [] };
    this.#threads.push(thread);
    worker.on('message', (look: FrameLook) => thread.asked.shift()?.resolve(look));
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

// Threads that look at frames. Each reads its frame's samples itself, and tells no more than what stays of them.
import path from 'node:path';
import type { Worker } from 'node:worker_threads';
import { compiledPasses } from '../simd/sample-passes.js';
import { startThread } from '../start-thread.js';
import { CodedError } from '../errors.js';
import type { FrameLook } from './look-at-frame.js';
import type { PrepareRows } from './measure-frame.js';
import type { FromThread, LookRequest, MeasureThreadStart, ToThread } from './measure-worker.js';

/** The worker lies beside this file or, in the joined program, beside the file that this one has become a part of. */
const WORKER = path.join(import.meta.dirname, 'measure-worker');

/** Frames that a thread knows of: the one it looks at, and the next, so that it need not wait for the thread that asks. */
export const FRAMES_A_THREAD = 2;

interface Asked {
  readonly prepare?: PrepareRows;
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
   * What the frame shows. Undefined where all threads have enough to do, or the frame's own ended with it: then the caller has to look. Rows of
   * a frame that is to be calibrated go through `prepare`, here. @throws the signal's reason.
   */
  async look(request: LookRequest, prepare?: PrepareRows): Promise<FrameLook | undefined> {
    this.#signal.throwIfAborted();
    const [freest] = [...this.#threads].sort((a, b) => a.asked.length - b.asked.length);
    if (!freest || freest.asked.length >= FRAMES_A_THREAD) return undefined;
    return new Promise((resolve, reject) => {
      freest.asked.push({ prepare, resolve, reject });
      freest.worker.postMessage({ request } satisfies ToThread);
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
    worker.on('message', (said: FromThread) => {
      if ('look' in said) thread.asked.shift()?.resolve(said.look);
      else void calibrate(thread, said);
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

/** Answers a thread that waits for rows of the frame it looks at. */
async function calibrate(
  { worker, asked }: Thread,
  { raw, where }: Exclude<FromThread, { look: FrameLook }>,
): Promise<void> {
  try {
    const rows = await asked[0].prepare!(raw, where);
    worker.postMessage({ rows } satisfies ToThread, [rows.buffer as ArrayBuffer]);
  } catch (error) {
    const { code, params } = error instanceof CodedError ? error : new CodedError(String(error));
    worker.postMessage({ reason: { code, params } } satisfies ToThread);
  }
}

// Threads that look at frames. Each reads its frame's samples itself, and tells no more than what stays of them.
import path from 'node:path';
import type { Worker } from 'node:worker_threads';
import { compiledPasses } from '../simd/sample-passes.js';
import { AskedThreads, type Asked, type AskedThread } from '../asked-threads.js';
import { startThread } from '../start-thread.js';
import { CodedError } from '../errors.js';
import type { FrameLook } from './look-at-frame.js';
import type { PrepareRows } from './measure-frame.js';
import type { FromThread, LookRequest, MeasureThreadStart, ToThread } from './measure-worker.js';

/** The worker lies beside this file or, in the joined program, beside the file that this one has become a part of. */
const WORKER = path.join(import.meta.dirname, 'measure-worker');

/** Frames that a thread knows of: the one it looks at, and the next, so that it need not wait for the thread that asks. */
export const FRAMES_A_THREAD = 2;

/** A frame that is asked about; its rows go through `prepare` where it is to be calibrated. */
interface AskedLook extends Asked<FrameLook> {
  readonly prepare?: PrepareRows;
}

type Thread = AskedThread<AskedLook>;

export class MeasurePool {
  readonly #threads: AskedThreads<AskedLook>;

  /** Threads start at once. `onDeath` hears of each that ends before it is told to; what it was asked comes back unseen. */
  constructor(
    threads: number,
    private readonly signal: AbortSignal,
    onDeath: (detail: string) => void,
  ) {
    this.#threads = new AskedThreads(signal, onDeath);
    for (let t = 0; t < threads && !signal.aborted; t++) this.#start();
  }

  /** Identifiers of the threads, for tests that take one away. */
  get workers(): readonly Worker[] {
    return this.#threads.all.map(({ worker }) => worker);
  }

  /**
   * What the frame shows. Undefined where all threads have enough to do, or the frame's own ended with it: then the caller has to look. Rows of
   * a frame that is to be calibrated go through `prepare`, here. @throws the signal's reason.
   */
  async look(request: LookRequest, prepare?: PrepareRows): Promise<FrameLook | undefined> {
    this.signal.throwIfAborted();
    const freest = this.#threads.freest(({ length }) => length);
    if (!freest || freest.asked.length >= FRAMES_A_THREAD) return undefined;
    return new Promise((resolve, reject) => {
      freest.asked.push({ prepare, resolve, reject });
      freest.worker.postMessage({ request } satisfies ToThread);
    });
  }

  /** Ends all threads, whatever they are at. */
  close(): Promise<void> {
    return this.#threads.close();
  }

  #start(): void {
    const worker = startThread(WORKER, { passes: compiledPasses() } satisfies MeasureThreadStart);
    const thread = this.#threads.add(worker);
    worker.on('message', (said: FromThread) => {
      if ('look' in said) thread.asked.shift()?.resolve(said.look);
      else void calibrate(thread, said);
    });
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

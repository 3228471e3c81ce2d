// The threads of the wasm backend: started together, asked together, gone together.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { MessageChannel, type Worker } from 'node:worker_threads';
import type { GivenThread, ThreadModule } from '../../compute/backend.js';
import { DeviceError } from '../../compute/device-error.js';
import { builtThread } from '../../start-thread.js';
import { ownFlags } from '../../v8-flags.js';
import { ABORT_WORD } from './control-area.js';
import type { OtherWork, WorkerAnswer, WorkerRequest, WorkerStart } from './kernel-worker.js';
import { OwnShare } from './own-share.js';
import { trapOf } from './step-share.js';

/** The worker lies beside this file or, in the joined program, beside the file that this one has become a part of; sources use what the build has made. */
const WORKER = import.meta.filename.endsWith('.ts')
  ? fileURLToPath(new URL('../../../dist/cpu-fallback/wasm/kernel-worker.js', import.meta.url))
  : path.join(import.meta.dirname, 'kernel-worker.js');

interface Round {
  waiting: number;
  trap?: string;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** On so few processors the thread that asks computes too: it would wait for the others, and a thread of Node costs 70 ms of a processor and 8 MB before it does anything. Beside more it has enough to do. */
const WITH_OWN_SHARE = 2;

/** Runs the steps that stand in the control area on all threads. One run at a time. */
export class WorkerPool {
  private readonly workers: Worker[] = [];
  private own: OwnShare | undefined;
  private readonly words: Int32Array;
  private round: Round | undefined;
  private death: DeviceError | undefined;
  private closing = false;

  private constructor(memory: WebAssembly.Memory) {
    this.words = new Int32Array(memory.buffer, 0, ABORT_WORD + 1);
  }

  /** Resolves when every thread is ready, one of which may be the caller's. Throws DeviceError `wasm_worker_died` when one does not start. */
  static async start(
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
    threads: number,
  ): Promise<WorkerPool> {
    const pool = new WorkerPool(memory);
    const workers = threads === WITH_OWN_SHARE ? threads - 1 : threads;
    const ready = pool.nextRound(workers);
    const started = ownFlags();
    try {
      for (let index = 0; index < workers; index++) pool.spawn({ module, memory, index });
      if (workers < threads) pool.own = new OwnShare({ module, memory, index: workers });
      await ready;
    } catch (error) {
      await pool.close();
      throw error;
    } finally {
      started();
    }
    return pool;
  }

  /** Why no more work can be done; undefined while all threads live. */
  get failure(): DeviceError | undefined {
    return this.death;
  }

  /** How many compute. */
  get size(): number {
    return this.workers.length + (this.own ? 1 : 0);
  }

  /** The threads but for that of the caller, for tests that take one away. */
  get threads(): readonly Worker[] {
    return this.workers;
  }

  /** Resolves when all threads have done steps 0..steps-1. Throws DeviceError when a kernel trapped or a thread died. */
  async run(steps: number): Promise<void> {
    if (this.death) throw this.death;
    Atomics.store(this.words, ABORT_WORD, 0);
    const round = this.nextRound(this.size);
    for (const worker of this.workers) {
      worker.ref();
      worker.postMessage({ steps } satisfies WorkerRequest);
    }
    if (this.own) void this.takePart(this.own, steps);
    await round;
  }

  private async takePart(own: OwnShare, steps: number): Promise<void> {
    try {
      await own.run(steps);
      this.answered({});
    } catch (error) {
      Atomics.store(this.words, ABORT_WORD, 1);
      this.answered({ trap: trapOf(error) });
    }
  }

  /** Gives away the last of several threads while nothing runs. */
  give({ file, start }: ThreadModule): GivenThread | undefined {
    if (this.death || this.closing || this.round || this.workers.length < 2) return undefined;
    const worker = this.workers.pop()!;
    for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event);
    const { port1: port, port2 } = new MessageChannel();
    // code that was kept is taken with V8's own flags only
    const loaded = ownFlags();
    worker.once('message', loaded).once('exit', loaded);
    worker.postMessage({ file, port: port2, start } satisfies OtherWork, [port2]);
    return { worker, port };
  }

  async close(): Promise<void> {
    this.closing = true;
    // nor does the thread that asks wait for what the others would have done
    Atomics.store(this.words, ABORT_WORD, 1);
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }

  private spawn(start: WorkerStart): void {
    let worker: Worker;
    try {
      worker = builtThread(WORKER, start);
    } catch (cause) {
      // The system gives no further thread.
      throw new DeviceError('wasm_worker_died', { detail: String(cause) }, { cause });
    }
    worker.on('message', (answer: WorkerAnswer) => this.answered(answer));
    worker.on('error', (error) => this.died(error.message));
    worker.on('exit', (code) => this.died(`exit ${code}`));
    this.workers.push(worker);
  }

  private nextRound(waiting: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.round = { waiting, resolve, reject };
    });
  }

  private answered({ trap }: WorkerAnswer): void {
    const round = this.round;
    if (!round) return;
    if (trap !== undefined) round.trap = trap;
    if (--round.waiting > 0) return;
    this.round = undefined;
    // An idle pool keeps no process alive.
    for (const worker of this.workers) worker.unref();
    if (round.trap === undefined) round.resolve();
    else round.reject(new DeviceError('wasm_kernel_trapped', { detail: round.trap }));
  }

  private died(detail: string): void {
    if (this.closing || this.death) return;
    this.death = new DeviceError('wasm_worker_died', { detail });
    // The others stop at their next chunk instead of waiting for those that the dead one had taken.
    Atomics.store(this.words, ABORT_WORD, 1);
    this.round?.reject(this.death);
    this.round = undefined;
  }
}

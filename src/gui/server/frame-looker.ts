// Looks at frames in a thread of its own, one after the other, newest request first: what is on the screen comes first.
import { Worker } from 'node:worker_threads';
import type { FrameLook } from '../api.js';

interface Request {
  readonly id: number;
  readonly file: string;
  readonly signal: AbortSignal;
  readonly settle: (look: FrameLook | undefined) => void;
}

export class FrameLooker {
  #worker: Worker | undefined;
  #queue: Request[] = [];
  #current: Request | undefined;
  #next = 0;

  /** Requests that wait. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** undefined when the client has gone before its turn came. */
  look(file: string, signal: AbortSignal): Promise<FrameLook | undefined> {
    return new Promise((settle) => {
      this.#queue.push({ id: this.#next++, file, signal, settle });
      this.#advance();
    });
  }

  async close(): Promise<void> {
    for (const request of this.#queue.splice(0)) request.settle(undefined);
    await this.#worker?.terminate();
  }

  #advance(): void {
    if (this.#current) return;
    const request = this.#queue.pop();
    if (!request) return;
    if (request.signal.aborted) {
      request.settle(undefined);
      this.#advance();
      return;
    }
    this.#current = request;
    this.#thread().postMessage({ id: request.id, file: request.file });
  }

  #thread(): Worker {
    if (this.#worker) return this.#worker;
    const worker = new Worker(new URL('./look-worker.js', import.meta.url));
    worker.on('message', ({ result }: { result: FrameLook }) => this.#done(result));
    // A thread that dies takes its frame with it; the next request starts another.
    const lost = (detail: string): void => {
      this.#worker = undefined;
      this.#done({ thumbnail: '', reason: { code: 'gui_look_failed', params: { detail } } });
    };
    worker.on('error', (error) => lost(error.message));
    worker.unref();
    return (this.#worker = worker);
  }

  #done(result: FrameLook): void {
    const request = this.#current;
    this.#current = undefined;
    request?.settle(result);
    this.#advance();
  }
}

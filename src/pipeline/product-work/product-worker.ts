// One thread of the product's works, started for them or given away by a backend: does what it is asked for, one at a time and in that order.
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { useCompiledPasses } from '../../simd/sample-passes.js';
import { receivedCanvases, type SharedCanvases } from '../canvas/finished-canvases.js';
import { doProductWork, type ProductResults, type ProductWorks, type WorkKind } from './product-work.js';

/** What a thread is started with. */
export interface ProductThreadStart {
  /** The passes over samples, compiled: threads share their code. */
  readonly passes: WebAssembly.Module;
}

/** A work, and the mosaic that it is done on. */
export interface ProductRequest<K extends WorkKind = WorkKind> {
  readonly kind: K;
  readonly work: ProductWorks[K];
  readonly canvases: SharedCanvases;
}

/** What came of it, or what has gone wrong: an error of JavaScript's own, for these works touch no file. */
export type ProductAnswer = { readonly result: ProductResults[WorkKind] } | { readonly error: unknown };

async function answer({ kind, work, canvases }: ProductRequest): Promise<ProductAnswer> {
  try {
    return { result: await doProductWork(kind, work, receivedCanvases(canvases)) };
  } catch (error) {
    return { error };
  }
}

/** Answers what comes through `port`. */
export function serve(port: MessagePort, { passes }: ProductThreadStart): void {
  useCompiledPasses(passes);
  let last = Promise.resolve();
  port.on('message', (request: ProductRequest) => {
    last = last.then(async () => {
      const said = await answer(request);
      const parts = 'result' in said ? said.result.filter((part) => part instanceof Uint8Array) : [];
      port.postMessage(
        said,
        parts.map(({ buffer }) => buffer),
      );
    });
  });
}

// a thread that has computed kernels was started with other things, and is told what it needs
const start = workerData as Partial<ProductThreadStart> | null;
if (parentPort && start?.passes) serve(parentPort, start as ProductThreadStart);

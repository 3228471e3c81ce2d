// One thread of the product's works, started for them or given away by a backend: does what it is asked for, one at a time and in that order.
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { useCompiledPasses } from '../../simd/sample-passes.js';
import { withReceived, type SharedCanvases } from '../canvas/finished-canvases.js';
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

/** What came of it; nothing where it failed: who has asked does it too then, and meets the error itself, of which a message would bring the text alone. */
export interface ProductAnswer {
  readonly result?: ProductResults[WorkKind];
}

async function answer({ kind, work, canvases }: ProductRequest): Promise<ProductAnswer> {
  try {
    return { result: await withReceived(canvases, (received) => doProductWork(kind, work, received)) };
  } catch {
    return {};
  }
}

/** Answers what comes through `port`. */
export function serve(port: MessagePort, { passes }: ProductThreadStart): void {
  useCompiledPasses(passes);
  let last = Promise.resolve();
  port.on('message', (request: ProductRequest) => {
    last = last.then(async () => {
      const said = await answer(request);
      const parts = said.result?.filter((part) => part instanceof Uint8Array) ?? [];
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

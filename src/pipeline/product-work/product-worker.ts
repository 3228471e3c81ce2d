// One thread of the product's works: does what it is asked for, one at a time and in that order.
import { parentPort, workerData } from 'node:worker_threads';
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

useCompiledPasses((workerData as ProductThreadStart).passes);

async function answer({ kind, work, canvases }: ProductRequest): Promise<ProductAnswer> {
  try {
    return { result: await doProductWork(kind, work, receivedCanvases(canvases)) };
  } catch (error) {
    return { error };
  }
}

let last = Promise.resolve();
parentPort!.on('message', (request: ProductRequest) => {
  last = last.then(async () => {
    const said = await answer(request);
    const isPicture = 'result' in said && said.result instanceof Uint8Array;
    parentPort!.postMessage(said, isPicture ? [said.result.buffer as ArrayBuffer] : []);
  });
});

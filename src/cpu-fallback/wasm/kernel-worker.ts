// One thread of the wasm backend: takes chunks of the steps that stand in shared memory until all are done, then says so.
import { createRequire } from 'node:module';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { type ShareStart, StepShare, trapOf } from './step-share.js';

/** What a worker is started with. */
export type WorkerStart = ShareStart;

/** Asks a worker to take part in steps 0..steps-1. */
export interface WorkerRequest {
  readonly steps: number;
}

/** Has a worker go on with another module, for good. */
export interface OtherWork {
  /** Path of a module that exports `serve`, which takes the port and `start`. */
  readonly file: string;
  readonly port: MessagePort;
  readonly start: unknown;
}

/** All steps are done, or a kernel trapped. The first answer, before any request, says that the worker is ready, the last one that it has loaded its other work. */
export interface WorkerAnswer {
  readonly trap?: string;
}

/** Sleepers look whether everybody is to stop this often, in milliseconds. */
const LOOK_MS = 100;

const { index } = workerData as WorkerStart;
const share = new StepShare(workerData as WorkerStart);

function runSteps(steps: number): void {
  for (let i = 0; i < steps; i++) {
    const start = performance.now();
    const step = share.step(i);
    while (!share.isAborted && step.doChunk());
    while (!share.isAborted && !step.isDone) step.wait(LOOK_MS);
    if (share.isAborted) return;
    if (index === 0) step.tellTime(performance.now() - start);
  }
}

const port = parentPort!;
const answer = (message: WorkerAnswer) => port.postMessage(message);

function compute({ steps }: WorkerRequest): void {
  try {
    runSteps(steps);
    answer({});
  } catch (error) {
    share.abort();
    answer({ trap: trapOf(error) });
  }
}

async function goOnWith({ file, port: own, start }: OtherWork): Promise<void> {
  const { loadModule } = createRequire(import.meta.url)('../../../bin/load-program.cjs') as {
    loadModule(file: string): Promise<{ serve(port: MessagePort, start: unknown): void }>;
  };
  const { serve } = await loadModule(file);
  serve(own, start);
  answer({});
}

port.on('message', (request: WorkerRequest | OtherWork) => {
  if ('steps' in request) compute(request);
  else void goOnWith(request);
});
answer({});

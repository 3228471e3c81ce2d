// One thread of the wasm backend: takes chunks of the steps that stand in shared memory until all are done, then says so.
import { createRequire } from 'node:module';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { ABORT_WORD, JOB_OFFSET, STEP, stepAddress } from './control-area.js';

/** What a worker is started with. */
export interface WorkerStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Number of this worker, from 0. */
  readonly index: number;
}

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

type Kernel = (job: number, from: number, to: number, scratch: number) => void;

/** Looks at a counter before sleeping on it; a chunk takes much longer than this. */
const SPINS = 200;
/** Sleepers look at the abort word this often, in milliseconds. */
const LOOK_MS = 100;

const { module, memory, index } = workerData as WorkerStart;
const instance = new WebAssembly.Instance(module, { env: { memory } });
const kernels = WebAssembly.Module.exports(module).flatMap(({ kind, name }) =>
  kind === 'function' ? [instance.exports[name] as Kernel] : [],
);
// The control area never moves, so views of it stay good when the memory grows.
const words = new Int32Array(memory.buffer, 0, stepAddress(0) / 4);
const shared = memory.buffer;

function runSteps(steps: number): void {
  for (let i = 0; i < steps; i++) {
    const start = performance.now();
    const address = stepAddress(i);
    const step = new Int32Array(shared, address, JOB_OFFSET / 4);
    const before = runStep(step, address + JOB_OFFSET);
    if (Atomics.load(words, ABORT_WORD) !== 0) return;
    if (index === 0) {
      const times = new Float64Array(shared, address, JOB_OFFSET / 8);
      times[STEP.SECONDS / 2] = (performance.now() - start) / 1000;
      times[STEP.BEFORE_SECONDS / 2] = before / 1000;
    }
  }
}

/** Takes chunks while there are any, then waits until those of the others are done. Returns the milliseconds that it took in what is called before. */
function runStep(step: Int32Array, job: number): number {
  const kernel = kernels[step[STEP.FUNCTION]];
  const before = step[STEP.BEFORE] > 0 ? kernels[step[STEP.BEFORE] - 1] : undefined;
  let beforeMs = 0;
  const units = step[STEP.UNITS];
  const grain = step[STEP.GRAIN];
  const scratch = (step[STEP.SCRATCH] >>> 0) + index * step[STEP.SCRATCH_STRIDE];
  const chunks = Math.ceil(units / grain);
  while (Atomics.load(words, ABORT_WORD) === 0) {
    const chunk = Atomics.add(step, STEP.NEXT, 1);
    if (chunk >= chunks) break;
    const from = chunk * grain;
    const to = Math.min(from + grain, units);
    if (before)
      for (let unit = from; unit < to; unit++) {
        const start = performance.now();
        before(job, unit, unit + 1, scratch);
        beforeMs += performance.now() - start;
        kernel(job, unit, unit + 1, scratch);
      }
    else kernel(job, from, to, scratch);
    if (Atomics.add(step, STEP.DONE, 1) === chunks - 1) Atomics.notify(step, STEP.DONE);
  }
  for (let spin = 0; spin < SPINS; spin++) if (Atomics.load(step, STEP.DONE) === chunks) return beforeMs;
  while (Atomics.load(words, ABORT_WORD) === 0) {
    const done = Atomics.load(step, STEP.DONE);
    if (done === chunks) break;
    Atomics.wait(step, STEP.DONE, done, LOOK_MS);
  }
  return beforeMs;
}

const port = parentPort!;
const answer = (message: WorkerAnswer) => port.postMessage(message);

function compute({ steps }: WorkerRequest): void {
  try {
    runSteps(steps);
    answer({});
  } catch (error) {
    Atomics.store(words, ABORT_WORD, 1);
    answer({ trap: error instanceof Error ? error.message : String(error) });
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

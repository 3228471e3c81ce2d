// Taking part in the steps that stand in shared memory: what the threads of the pool do, and the thread that asks where it is one of them.
import { ABORT_WORD, JOB_OFFSET, STEP, stepAddress } from './control-area.js';

/** What whoever takes part needs. */
export interface ShareStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Its number among those who do, from 0. */
  readonly index: number;
}

/** What is said of a kernel that trapped. */
export const trapOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

type Kernel = (job: number, from: number, to: number, scratch: number) => void;

/** Looks at a counter before sleeping on it; a chunk takes much longer than this. */
const SPINS = 200;

/** One of those who take chunks of the steps. */
export class StepShare {
  readonly #kernels: readonly Kernel[];
  readonly #memory: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(private readonly own: ShareStart) {
    const { module, memory } = own;
    const instance = new WebAssembly.Instance(module, { env: { memory } });
    this.#kernels = WebAssembly.Module.exports(module).flatMap(({ kind, name }) =>
      kind === 'function' ? [instance.exports[name] as Kernel] : [],
    );
    // The control area never moves, so views of it stay good when the memory grows.
    this.#memory = memory.buffer as SharedArrayBuffer;
    this.#words = new Int32Array(this.#memory, 0, stepAddress(0) / 4);
  }

  /** Whether everybody is to stop. */
  get isAborted(): boolean {
    return Atomics.load(this.#words, ABORT_WORD) !== 0;
  }

  abort(): void {
    Atomics.store(this.#words, ABORT_WORD, 1);
  }

  /** Step i. */
  step(i: number): SharedStep {
    return new SharedStep(this.#memory, this.#kernels, i, this.own.index);
  }
}

/** A step as one of those who take part sees it. */
export class SharedStep {
  readonly #words: Int32Array;
  readonly #kernel: Kernel;
  readonly #before: Kernel | undefined;
  readonly #job: number;
  readonly #units: number;
  readonly #grain: number;
  readonly #chunks: number;
  readonly #scratch: number;
  #beforeMs = 0;

  constructor(
    private readonly memory: SharedArrayBuffer,
    kernels: readonly Kernel[],
    i: number,
    index: number,
  ) {
    const address = stepAddress(i);
    const words = (this.#words = new Int32Array(memory, address, JOB_OFFSET / 4));
    this.#kernel = kernels[words[STEP.FUNCTION]];
    this.#before = words[STEP.BEFORE] > 0 ? kernels[words[STEP.BEFORE] - 1] : undefined;
    this.#job = address + JOB_OFFSET;
    this.#units = words[STEP.UNITS];
    this.#grain = words[STEP.GRAIN];
    this.#chunks = Math.ceil(this.#units / this.#grain);
    this.#scratch = (words[STEP.SCRATCH] >>> 0) + index * words[STEP.SCRATCH_STRIDE];
  }

  /** Does the next chunk that nobody has taken; false where there is none. */
  doChunk(): boolean {
    const chunk = Atomics.add(this.#words, STEP.NEXT, 1);
    if (chunk >= this.#chunks) return false;
    const from = chunk * this.#grain;
    const to = Math.min(from + this.#grain, this.#units);
    if (this.#before) this.#doBoth(this.#before, from, to);
    else this.#kernel(this.#job, from, to, this.#scratch);
    if (Atomics.add(this.#words, STEP.DONE, 1) === this.#chunks - 1) Atomics.notify(this.#words, STEP.DONE);
    return true;
  }

  #doBoth(before: Kernel, from: number, to: number): void {
    for (let unit = from; unit < to; unit++) {
      const start = performance.now();
      before(this.#job, unit, unit + 1, this.#scratch);
      this.#beforeMs += performance.now() - start;
      this.#kernel(this.#job, unit, unit + 1, this.#scratch);
    }
  }

  /** Whether all chunks are done, whoever did them. */
  get isDone(): boolean {
    return Atomics.load(this.#words, STEP.DONE) === this.#chunks;
  }

  /** Waits until they are, for so many milliseconds at most. */
  wait(ms: number): void {
    for (let spin = 0; spin < SPINS; spin++) if (this.isDone) return;
    const done = Atomics.load(this.#words, STEP.DONE);
    if (done !== this.#chunks) Atomics.wait(this.#words, STEP.DONE, done, ms);
  }

  /** Writes down that the step has taken `ms`, and what of it, by this share, its `before`. */
  tellTime(ms: number): void {
    const times = new Float64Array(this.memory, this.#words.byteOffset, JOB_OFFSET / 8);
    times[STEP.SECONDS / 2] = ms / 1000;
    times[STEP.BEFORE_SECONDS / 2] = this.#beforeMs / 1000;
  }
}

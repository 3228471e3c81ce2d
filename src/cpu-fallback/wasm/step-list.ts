// The passes of a program that have not run yet, written into the control area one after the other.
import type { KernelStem } from '../../compute/contracts/index.js';
import { JOB_OFFSET, MAX_STEPS, STEP, STEP_BYTES, stepAddress } from './control-area.js';
import type { Pass } from './kernel-passes.js';

/** Bytes between the scratch of two workers beyond what they need: their lines stay apart. */
const LINE = 64;

interface ListedStep {
  readonly pass: Pass;
  /** The call as it was added. */
  readonly job: Uint8Array;
  /** Calls that the step does. */
  calls: number;
  readonly stem: KernelStem | undefined;
  readonly leftOut: () => number;
  readonly scratchBytes: number;
}

/** Steps 0..length-1 of the control area. `seconds` are there once the workers have run them. */
export class StepList {
  private readonly listed: ListedStep[] = [];

  constructor(
    private readonly memory: WebAssembly.Memory,
    private readonly functions: ReadonlyMap<string, number>,
  ) {}

  get length(): number {
    return this.listed.length;
  }

  get isFull(): boolean {
    return this.listed.length === MAX_STEPS;
  }

  /** Adds a pass; `stem` names the kernel whose time it counts for, `leftOut` tells how many samples it did not look at, when it has run. */
  add(
    pass: Pass,
    params: Readonly<Record<string, number>>,
    job: Uint8Array,
    stem?: KernelStem,
    leftOut: () => number = () => 0,
  ): void {
    const address = stepAddress(this.listed.length);
    const words = new Int32Array(this.memory.buffer, address, JOB_OFFSET / 4).fill(0);
    words[STEP.FUNCTION] = this.functions.get(pass.name)!;
    if (pass.before) words[STEP.BEFORE] = this.functions.get(pass.before.name)! + 1;
    words[STEP.UNITS] = pass.units(params);
    words[STEP.GRAIN] = Math.max(1, pass.grain(params));
    new Uint8Array(this.memory.buffer, address + JOB_OFFSET, STEP_BYTES - JOB_OFFSET).set(job);
    const needed = pass.scratch?.(params) ?? 0;
    const scratchBytes = needed && Math.ceil(needed / LINE) * LINE + LINE;
    this.listed.push({ pass, job, calls: 1, stem, leftOut, scratchBytes });
  }

  /**
   * Lets the last step do one call more and returns true, where it is of this pass and its first call is `firstOf(n)`, the first of n calls before the one
   * that is to be joined to them.
   */
  join(pass: Pass, firstOf: (calls: number) => Uint8Array): boolean {
    const last = this.listed.at(-1);
    if (last?.pass !== pass || Buffer.compare(last.job, firstOf(last.calls)) !== 0) return false;
    last.calls++;
    // Their number ends the job: job-layout.ts.
    const end = stepAddress(this.listed.length - 1) + JOB_OFFSET + last.job.length;
    new Uint32Array(this.memory.buffer, end - 4, 1)[0] = last.calls;
    return true;
  }

  /** Scratch of one worker that serves every step. */
  scratchBytes(): number {
    return Math.max(0, ...this.listed.map((step) => step.scratchBytes));
  }

  /** Gives all steps the same scratch: `stride` bytes for every worker from `address`. */
  setScratch(address: number, stride: number): void {
    for (let i = 0; i < this.listed.length; i++) {
      const words = new Int32Array(this.memory.buffer, stepAddress(i), JOB_OFFSET / 4);
      words[STEP.SCRATCH] = address;
      words[STEP.SCRATCH_STRIDE] = stride;
    }
  }

  /** Kernel and seconds of every step that has run, and the samples it left out; what is called before the units of another has a line of its own. */
  done(): { stem: KernelStem | undefined; seconds: number; leftOut: number }[] {
    return this.listed.flatMap(({ pass: { before }, stem, leftOut }, i) => {
      const times = new Float64Array(this.memory.buffer, stepAddress(i), JOB_OFFSET / 8);
      const seconds = times[STEP.SECONDS / 2];
      const out = leftOut();
      if (!before) return { stem, seconds, leftOut: out };
      const first = times[STEP.BEFORE_SECONDS / 2];
      return [
        { stem: before.stem, seconds: first, leftOut: out },
        { stem, seconds: seconds - first, leftOut: out },
      ];
    });
  }

  clear(): void {
    this.listed.length = 0;
  }
}

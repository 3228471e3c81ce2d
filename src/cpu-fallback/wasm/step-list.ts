// The passes of a program that have not run yet, written into the control area one after the other.
import type { KernelStem } from '../../compute/contracts/index.js';
import { HEAP_START, JOB_OFFSET, MAX_STEPS, STEP, stepAddress } from './control-area.js';
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
  /** The control area, which never moves. */
  private readonly words: Int32Array;
  private readonly seconds: Float64Array;
  private readonly bytes: Uint8Array;

  constructor(
    memory: WebAssembly.Memory,
    private readonly functions: ReadonlyMap<string, number>,
  ) {
    const { buffer } = memory;
    this.words = new Int32Array(buffer, 0, HEAP_START / 4);
    this.seconds = new Float64Array(buffer, 0, HEAP_START / 8);
    this.bytes = new Uint8Array(buffer, 0, HEAP_START);
  }

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
    const { words } = this;
    const address = stepAddress(this.listed.length);
    const at = address / 4;
    words.fill(0, at, at + JOB_OFFSET / 4);
    words[at + STEP.FUNCTION] = this.functions.get(pass.name)!;
    if (pass.before) words[at + STEP.BEFORE] = this.functions.get(pass.before.name)! + 1;
    words[at + STEP.UNITS] = pass.units(params);
    words[at + STEP.GRAIN] = Math.max(1, pass.grain(params));
    this.bytes.set(job, address + JOB_OFFSET);
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
    this.words[end / 4 - 1] = last.calls;
    return true;
  }

  /** Scratch of one worker that serves every step. */
  scratchBytes(): number {
    let most = 0;
    for (const { scratchBytes } of this.listed) most = Math.max(most, scratchBytes);
    return most;
  }

  /** Gives all steps the same scratch: `stride` bytes for every worker from `address`. */
  setScratch(address: number, stride: number): void {
    for (let i = 0; i < this.listed.length; i++) {
      const at = stepAddress(i) / 4;
      this.words[at + STEP.SCRATCH] = address;
      this.words[at + STEP.SCRATCH_STRIDE] = stride;
    }
  }

  /** Tells of every step that has run its kernel and seconds, and the samples it left out; what is called before the units of another is told of by itself. */
  tellDone(tell: (stem: KernelStem | undefined, seconds: number, leftOut: number) => void): void {
    for (let i = 0; i < this.listed.length; i++) {
      const { pass, stem, leftOut } = this.listed[i];
      const at = stepAddress(i) / 8;
      const seconds = this.seconds[at + STEP.SECONDS / 2];
      const out = leftOut();
      if (!pass.before) {
        tell(stem, seconds, out);
        continue;
      }
      const first = this.seconds[at + STEP.BEFORE_SECONDS / 2];
      tell(pass.before.stem, first, out);
      tell(stem, seconds - first, out);
    }
  }

  clear(): void {
    this.listed.length = 0;
  }
}

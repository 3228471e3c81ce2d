// What programs read of buffers: copies, sums of their words, or views of the place itself where the reads are lent.
import type { Handle, Op, Program } from '../../compute/backend.js';
import type { ProfileSums } from '../../compute/profile-sums.js';
import type { BufferSettler } from './buffer-settler.js';
import { type PlainStep, sumPass } from './kernel-passes.js';
import type { ResidentBuffer } from './resident-buffer.js';
import type { Block } from './shared-heap.js';
import type { StepRunner } from './step-runner.js';

const BYTES = 4;

type ReadOp = Extract<Op, { op: 'read' }>;

/** What a backend has. */
interface Reading {
  readonly memory: WebAssembly.Memory;
  readonly profile: ProfileSums;
  readonly runner: StepRunner;
  readonly settler: BufferSettler;
  /** Takes the blocks that the running program keeps to its end. */
  readonly passing: Block[];
}

export class BufferReads {
  constructor(private readonly own: Reading) {}

  /** What a read brings, to be asked for when the program has run. */
  async read(
    program: Program,
    buffer: ResidentBuffer,
    { offset = 0, length, sum }: ReadOp,
  ): Promise<() => Float32Array | Uint32Array> {
    await this.own.settler.settle(program, buffer);
    await this.own.settler.clear(program, buffer);
    const { handle, block } = buffer;
    const count = length ?? handle.length - offset;
    const start = block.address + offset * BYTES;
    if (sum) return this.readSum(program, buffer, start, count);
    const view = () =>
      handle.element === 'f32'
        ? new Float32Array(this.own.memory.buffer, start, count)
        : new Uint32Array(this.own.memory.buffer, start, count);
    if (program.lend) return view;
    await this.own.runner.flush(program);
    // A slice of shared memory is memory of the caller's own.
    const copy = this.own.profile.timed('read_back', count * BYTES, () => view().slice());
    return () => copy;
  }

  private async readSum(
    program: Program,
    buffer: ResidentBuffer,
    start: number,
    count: number,
  ): Promise<() => Uint32Array> {
    const words: Handle = { label: 'sum', element: 'u32', length: 2 };
    const block = await this.own.runner.place(program, words);
    this.own.passing.push(block);
    const { address } = block;
    const sum = () => new Uint32Array(this.own.memory.buffer, address, words.length);
    sum().fill(0);
    const step: PlainStep = { pass: sumPass, params: { words: count }, words: [start, count, address] };
    await this.own.settler.addStep(program, buffer, step);
    return () => this.own.profile.timed('read_back', words.length * BYTES, () => sum().slice());
  }
}

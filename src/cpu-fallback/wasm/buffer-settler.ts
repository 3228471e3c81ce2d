// Buffers as whoever comes next may look at them: in their place, warps that wait done, blanks written, and zero where nothing was.
import type { Handle, Program } from '../../compute/backend.js';
import { BlankBlocks } from './blank-blocks.js';
import type { BlockStore } from './block-store.js';
import type { CubeShape } from './cube-shape.js';
import { fillPass, kernelPasses, type PlainStep } from './kernel-passes.js';
import type { ResidentBuffer } from './resident-buffer.js';
import type { Block } from './shared-heap.js';
import type { StepList } from './step-list.js';
import type { StepRunner } from './step-runner.js';
import type { WaitingWarps } from './waiting-warps.js';

const BYTES = 4;

/** What a backend has. */
interface Settled {
  readonly memory: WebAssembly.Memory;
  readonly steps: StepList;
  readonly blocks: BlockStore;
  readonly buffers: ReadonlyMap<Handle, ResidentBuffer>;
}

export class BufferSettler {
  constructor(
    private readonly own: Settled,
    private readonly runner: StepRunner,
  ) {}

  /** Whoever comes next finds the buffer in its place, with all that has been written there. */
  async settle(program: Program, buffer: ResidentBuffer): Promise<void> {
    await this.warpWaiting(program, buffer);
    await this.writeBlanks(program, buffer);
  }

  /** What warps that wait read is to be written. */
  async settleAll(program: Program): Promise<void> {
    for (const buffer of this.own.buffers.values()) await this.warpWaiting(program, buffer);
  }

  /** Places a late buffer, and does the warps that wait for it: at once, for a program that fails later on takes back what it has added to the list. */
  async warpWaiting(program: Program, buffer: ResidentBuffer): Promise<void> {
    const { waiting, handle, blanks } = buffer;
    if (!waiting) return;
    const block = await this.runner.place(program, handle);
    try {
      await this.warpInto(program, waiting, block, blanks);
    } catch (error) {
      this.own.blocks.drop(block);
      throw error;
    }
    buffer.placeAt(block);
    this.giveBack(waiting);
  }

  private async warpInto(
    program: Program,
    waiting: WaitingWarps,
    { address }: Block,
    blanks: BlankBlocks | undefined,
  ): Promise<void> {
    const [pass] = kernelPasses['warp-window'].passes;
    for (const { params, job } of waiting.calls(address)) {
      if (this.own.steps.isFull) await this.runner.flush(program);
      this.own.steps.add(pass, params, job, 'warp-cfa', () => blanks!.samples(params.slot));
    }
    await this.runner.flush(program);
  }

  /** They are done, or steps of the list do them. */
  giveBack(waiting: WaitingWarps): void {
    for (const buffer of this.own.buffers.values()) buffer.busy ||= this.own.blocks.isKept(buffer.block);
    this.own.blocks.giveBack(waiting.take());
  }

  /** Adds the steps that zero what nothing has written. */
  async clear(program: Program, buffer: ResidentBuffer): Promise<void> {
    for (const [start, end] of buffer.unwritten.takeAll()) {
      const bytes = (end - start) * BYTES;
      const words = [buffer.block.address + start * BYTES, bytes];
      await this.addStep(program, buffer, { pass: fillPass, params: { bytes }, words });
    }
  }

  /** The flags of a cube's blank blocks, to be set or heeded by a kernel. */
  async blanksOf(program: Program, buffer: ResidentBuffer, shape: CubeShape): Promise<BlankBlocks> {
    if (buffer.blanks?.isOf(shape)) return buffer.blanks;
    await this.writeBlanks(program, buffer);
    const block = await this.runner.place(program, {
      label: buffer.handle.label,
      element: 'f32',
      length: BlankBlocks.bytes(shape) / BYTES,
    });
    return (buffer.blanks = new BlankBlocks(this.own.memory, block, shape));
  }

  /** Adds the step that writes what so far only counts as blank: whoever comes next knows nothing of flags. */
  private async writeBlanks(program: Program, buffer: ResidentBuffer): Promise<void> {
    if (!buffer.blanks) return;
    await this.addStep(program, buffer, buffer.blanks.writing(buffer.block.address));
    buffer.listBlanks();
  }

  async addStep(program: Program, buffer: ResidentBuffer, { pass, params, words }: PlainStep): Promise<void> {
    if (this.own.steps.isFull) await this.runner.flush(program);
    this.own.steps.add(pass, params, new Uint8Array(Uint32Array.from(words).buffer));
    buffer.busy = true;
  }
}

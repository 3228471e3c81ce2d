// The wasm backend: AssemblyScript kernels with SIMD, run by worker threads on one shared memory in which the buffers lie.
import os from 'node:os';
import { CodedError } from '../../errors.js';
import { DeviceCapacityError } from '../../compute/device-error.js';
import type {
  BackendInfo,
  ComputeBackend,
  Handle,
  KernelProfile,
  Op,
  Program,
  ProgramResult,
} from '../../compute/backend.js';
import type { BufferRole } from '../../compute/contract.js';
import { ProfileSums } from '../../compute/profile-sums.js';
import { trafficBytes } from '../../compute/traffic.js';
import { ProgramError, ProgramValidator } from '../../compute/validate-program.js';
import { setTimes } from '../host-backend.js';
import { backendInfo } from './backend-info.js';
import { BlankBlocks } from './blank-blocks.js';
import { HEAP_START } from './control-area.js';
import type { CubeShape } from './cube-shape.js';
import { fuseSteps, type WasmKernelOp } from './fuse-steps.js';
import { contractOf } from './inner-contracts.js';
import { packJob } from './job-layout.js';
import { type DerivedTable, fillPass, kernelPasses, type PlainStep, sumPass } from './kernel-passes.js';
import { freesWhatItLends, LentReads, type MadeReads } from './lent-reads.js';
import { loadKernels, type LoadedKernels } from './load-kernels.js';
import { ResidentBuffer } from './resident-buffer.js';
import { type Block, SharedHeap } from './shared-heap.js';
import { StepList } from './step-list.js';
import { type UploadOp, Uploads } from './uploads.js';
import { WorkerPool } from './worker-pool.js';

export interface WasmOptions {
  /** Worker threads; all cores by default. */
  readonly threads?: number;
}

/**
 * All kernels, exact in the sense of the contracts; the same bytes whatever the number of threads. Buffers live in one memory of at most 4 GiB. The
 * event loop stays free while kernels run. Throws CodedError `wasm_*` where the module, the memory or a thread is not to be had.
 */
export async function createWasmBackend(options: WasmOptions = {}): Promise<ComputeBackend> {
  const kernels = await loadKernels();
  const threads = Math.max(1, options.threads ?? os.availableParallelism());
  const pool = await WorkerPool.start(kernels.module, kernels.memory, threads);
  return new WasmBackend(kernels, pool);
}

const BYTES = 4;

type ReadOp = Extract<Op, { op: 'read' }>;
type Role = BufferRole<Readonly<Record<string, number>>>;

/** Use `createWasmBackend`; the class is open to tests that take its threads away. */
export class WasmBackend implements ComputeBackend {
  readonly info: BackendInfo;
  private readonly validator: ProgramValidator;
  private readonly heap: SharedHeap;
  private readonly lent: LentReads;
  private readonly memory: WebAssembly.Memory;
  private readonly steps: StepList;
  private readonly buffers = new Map<Handle, ResidentBuffer>();
  private readonly profile = new ProfileSums();
  /** Blocks of freed buffers that steps of the list still use. */
  private dropped: Block[] = [];
  /** Blocks of the sums that the running program reads: kept until its results are taken. */
  private readonly sums: Block[] = [];
  private tail: Promise<unknown> = Promise.resolve();
  private queued = 0;
  /** Uploads of the programs that run or wait, whose copies lie in the heap as far as there is room. */
  private readonly waiting = new Set<Uploads>();
  private closed = false;

  constructor(
    { memory, limitBytes, functions }: LoadedKernels,
    private readonly pool: WorkerPool,
  ) {
    this.info = backendInfo(pool.threads.length, limitBytes - HEAP_START);
    this.memory = memory;
    this.validator = new ProgramValidator(this.info.limits);
    this.heap = new SharedHeap(memory, limitBytes);
    this.lent = new LentReads(this.heap);
    this.steps = new StepList(memory, functions);
  }

  supports(): true {
    return true;
  }

  async submit(program: Program): Promise<ProgramResult> {
    if (this.closed) throw new CodedError('compute_backend_closed', { backend: 'wasm' });
    if (this.pool.failure) throw this.pool.failure;
    this.validator.check(program);
    const uploads = new Uploads(program, this.heap, this.memory);
    this.waiting.add(uploads);
    // An idle backend takes uploads that come before kernels straight into its buffers; all others wait as copies, since the caller may change its arrays
    // once it has the promise.
    const isIdle = this.queued++ === 0;
    const run = isIdle ? this.run(program, uploads) : this.tail.then(() => this.run(program, uploads));
    const start = performance.now();
    uploads.copyRest();
    this.profile.add({ stem: 'upload', calls: 0, seconds: (performance.now() - start) / 1000, bytes: 0 });
    const ended = run.finally(() => this.queued--);
    const { lend } = program;
    const result = lend ? ended.then((made) => this.lent.lend(made, lend)) : ended;
    this.tail = (lend && !freesWhatItLends(program) ? result : ended).catch(() => undefined);
    return { reads: (await result)?.reads ?? [] };
  }

  resident(): { handles: number; bytes: number } {
    let bytes = 0;
    for (const { handle } of this.buffers.values()) bytes += handle.length * BYTES;
    return { handles: this.buffers.size, bytes };
  }

  takeProfile(): KernelProfile[] {
    return this.profile.take();
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.tail;
    await this.lent.back();
    await this.pool.close();
    this.buffers.clear();
  }

  private async run(program: Program, uploads: Uploads): Promise<MadeReads> {
    const reads: (() => Float32Array | Uint32Array)[] = [];
    const lent = new Set<Block>();
    try {
      // While it waited a thread may have died; the others may still be writing where that program's buffers lay.
      if (this.pool.failure) throw this.pool.failure;
      for (const op of fuseSteps(program.ops)) {
        // Each of these waits for the workers only where it must.
        if (op.op === 'alloc') {
          const block =
            uploads.adopt(op.handle) ?? this.place(op.handle) ?? (await this.placeLater(program, op.handle));
          this.buffers.set(op.handle, new ResidentBuffer(op.handle, block));
        } else if (op.op === 'upload') {
          const buffer = this.buffer(program, op.handle);
          if (buffer.blanks) await this.writeBlanks(program, buffer);
          if (buffer.busy) await this.flush(program);
          this.upload(buffer, op, uploads);
        } else if (op.op === 'kernel') {
          if (this.steps.isFull) await this.flush(program);
          await this.addKernel(program, op);
        } else if (op.op === 'read') {
          const buffer = this.buffer(program, op.handle);
          await this.clear(program, buffer);
          await this.writeBlanks(program, buffer);
          reads.push(await this.read(program, buffer, op));
          if (program.lend) lent.add(buffer.block);
        } else {
          this.drop(this.buffer(program, op.handle));
        }
      }
      await this.flush(program);
    } catch (error) {
      this.abandon(program);
      throw error;
    } finally {
      uploads.release();
      this.waiting.delete(uploads);
    }
    const arrays = reads.map((read) => read());
    const held = this.dropped.filter((block) => lent.has(block));
    this.dropped = this.dropped.filter((block) => !lent.has(block));
    this.releaseRun();
    return { reads: arrays, held };
  }

  private place({ length }: Handle): Block | undefined {
    return this.heap.allocate(length * BYTES);
  }

  /** Where nothing fits, what the program has freed so far may make room, what uploads of programs behind it take, and what is lent. */
  private async placeLater(program: Program, { label, length }: Handle): Promise<Block> {
    await this.flush(program);
    const bytes = length * BYTES;
    const block = this.heap.allocate(bytes);
    if (block) return block;
    for (const uploads of this.waiting) uploads.leaveHeap();
    return this.heap.allocate(bytes) ?? this.placeAtLast(program, label, bytes);
  }

  private async placeAtLast(program: Program, label: string, bytes: number): Promise<Block> {
    await this.lent.back();
    const block = this.heap.allocate(bytes);
    if (block) return block;
    const params = { program: program.label, label, bytes, free: this.heap.freeBytes() };
    throw new DeviceCapacityError('wasm_out_of_memory', params);
  }

  private upload(buffer: ResidentBuffer, op: UploadOp, uploads: Uploads): void {
    const start = (op.offset ?? 0) * BYTES;
    const { length } = buffer.handle;
    const size = op.data.byteLength * (op.times ?? 1);
    const target = new Uint8Array(this.memory.buffer, buffer.block.address, length * BYTES);
    this.profile.timed('upload', size, () => uploads.take(op, (bytes) => setTimes(target, bytes, op)));
    buffer.unwritten.wrote(start / BYTES, (start + size) / BYTES);
    this.dropped.push(...buffer.takeDerived());
  }

  /** What a read brings, to be asked for when the program has run. */
  private async read(
    program: Program,
    buffer: ResidentBuffer,
    { offset = 0, length, sum }: ReadOp,
  ): Promise<() => Float32Array | Uint32Array> {
    const { handle, block } = buffer;
    const count = length ?? handle.length - offset;
    const start = block.address + offset * BYTES;
    if (sum) return this.readSum(program, buffer, start, count);
    const view = () =>
      handle.element === 'f32'
        ? new Float32Array(this.memory.buffer, start, count)
        : new Uint32Array(this.memory.buffer, start, count);
    if (program.lend) return view;
    await this.flush(program);
    // A slice of shared memory is memory of the caller's own.
    const copy = this.profile.timed('read_back', count * BYTES, () => view().slice());
    return () => copy;
  }

  private async readSum(
    program: Program,
    buffer: ResidentBuffer,
    start: number,
    count: number,
  ): Promise<() => Uint32Array> {
    const words: Handle = { label: 'sum', element: 'u32', length: 2 };
    const block = this.place(words) ?? (await this.placeLater(program, words));
    this.sums.push(block);
    const { address } = block;
    const sum = () => new Uint32Array(this.memory.buffer, address, words.length);
    sum().fill(0);
    const step: PlainStep = { pass: sumPass, params: { words: count }, words: [start, count, address] };
    await this.addStep(program, buffer, step);
    return () => this.profile.timed('read_back', words.length * BYTES, () => sum().slice());
  }

  private async addKernel(program: Program, op: WasmKernelOp): Promise<void> {
    const contract = contractOf(op.stem);
    const { passes, derived = [], overwrites, ignores, cube, joinedBy } = kernelPasses[op.stem];
    const addresses: number[] = [];
    const bound = contract.buffers.map((role) => this.buffer(program, op.buffers[role.name]));
    for (const [i, role] of contract.buffers.entries()) {
      const buffer = bound[i];
      addresses.push(buffer.block.address);
      buffer.unwritten.wrote(...(ignores?.(role.name, op.params) ?? [0, 0]));
      if (!cube || role.name !== 'cube') await this.writeBlanks(program, buffer);
      await this.prepareRole(program, buffer, role, op.params, overwrites?.(role.name, op.params));
    }
    const made: DerivedTable[] = [];
    for (const table of derived) {
      const source = table.needed(op.params) ? this.buffer(program, op.buffers[table.from]) : undefined;
      const key = `${table.name} ${table.variant?.(op.params) ?? ''}`;
      if (source && !source.derived.has(key)) {
        const block = await this.placeDerived(program, source, table.bytes(op.params));
        source.derived.set(key, block);
        made.push(table);
      }
      addresses.push(source?.derived.get(key)?.address ?? 0);
    }
    const blanks =
      cube && (await this.blanksOf(program, this.buffer(program, op.buffers.cube), cube(op.params)));
    if (blanks) addresses.push(blanks.block.address);
    this.profile.add({ stem: op.countsAs, calls: 1, seconds: 0, bytes: trafficBytes(contract, op.params) });
    const before = (calls: number) =>
      packJob(op.stem, { ...op.params, [joinedBy!]: op.params[joinedBy!] - calls }, addresses);
    const joined = joinedBy && op.params[joinedBy] > 0 && this.steps.join(passes[0], before);
    const job = packJob(op.stem, op.params, addresses);
    const leftOut = blanks && (() => blanks.samples(op.params.slot));
    for (const pass of joined ? [] : [...made, ...passes]) {
      if (this.steps.isFull) await this.flush(program);
      this.steps.add(pass, op.params, job, op.countsAs, pass === passes[0] ? leftOut : undefined);
    }
    // Only now: whatever had the list run on the way here would have taken it back.
    for (const buffer of bound) buffer.busy = true;
  }

  /** Makes a buffer ready for its role: what the kernel would see and nothing has written becomes zero. */
  private async prepareRole(
    program: Program,
    buffer: ResidentBuffer,
    role: Role,
    params: Readonly<Record<string, number>>,
    overwritten: readonly [number, number] | undefined,
  ): Promise<void> {
    if (role.access === 'write') buffer.unwritten.wrote(0, role.length(params));
    else if (overwritten) buffer.unwritten.wrote(...overwritten);
    else await this.clear(program, buffer);
    if (role.access !== 'read') this.dropped.push(...buffer.takeDerived());
  }

  private async placeDerived(program: Program, { handle }: ResidentBuffer, bytes: number): Promise<Block> {
    const wanted: Handle = { label: handle.label, element: 'f32', length: bytes / BYTES };
    return this.place(wanted) ?? this.placeLater(program, wanted);
  }

  /** Adds the steps that zero what nothing has written. */
  private async clear(program: Program, buffer: ResidentBuffer): Promise<void> {
    for (const [start, end] of buffer.unwritten.takeAll()) {
      const bytes = (end - start) * BYTES;
      const words = [buffer.block.address + start * BYTES, bytes];
      await this.addStep(program, buffer, { pass: fillPass, params: { bytes }, words });
    }
  }

  /** The flags of a cube's blank blocks, to be set or heeded by a kernel. */
  private async blanksOf(program: Program, buffer: ResidentBuffer, shape: CubeShape): Promise<BlankBlocks> {
    if (buffer.blanks?.isOf(shape)) return buffer.blanks;
    await this.writeBlanks(program, buffer);
    const block = await this.placeDerived(program, buffer, BlankBlocks.bytes(shape));
    return (buffer.blanks = new BlankBlocks(this.memory, block, shape));
  }

  /** Adds the step that writes what so far only counts as blank: whoever comes next knows nothing of flags. */
  private async writeBlanks(program: Program, buffer: ResidentBuffer): Promise<void> {
    if (!buffer.blanks) return;
    await this.addStep(program, buffer, buffer.blanks.writing(buffer.block.address));
    buffer.listBlanks();
  }

  private async addStep(
    program: Program,
    buffer: ResidentBuffer,
    { pass, params, words }: PlainStep,
  ): Promise<void> {
    if (this.steps.isFull) await this.flush(program);
    this.steps.add(pass, params, new Uint8Array(Uint32Array.from(words).buffer));
    buffer.busy = true;
  }

  /** Runs the steps of the list; then what was freed meanwhile can be used again. */
  private async flush(program: Program): Promise<void> {
    if (this.steps.length > 0) {
      const stride = this.steps.scratchBytes();
      const bytes = stride * this.info.threads;
      const scratch =
        bytes > 0
          ? (this.heap.allocate(bytes) ?? (await this.placeAtLast(program, 'scratch', bytes)))
          : undefined;
      if (scratch) this.steps.setScratch(scratch.address, stride);
      try {
        await this.pool.run(this.steps.length);
        for (const { stem, seconds, leftOut } of this.steps.done()) {
          if (stem) this.profile.add({ stem, calls: 0, seconds, bytes: -BYTES * leftOut });
        }
        for (const buffer of this.buffers.values()) this.dropped.push(...buffer.takeListed());
      } finally {
        this.steps.clear();
        if (scratch) this.heap.release(scratch);
        for (const buffer of this.buffers.values()) buffer.busy = false;
      }
    }
    // What is to be lent lies in blocks that may be free already.
    if (!program.lend) this.releaseDropped();
  }

  private releaseDropped(): void {
    for (const block of this.dropped) this.heap.release(block);
    this.dropped = [];
  }

  /** At the end of a program, good or bad: nothing looks at what it has freed or at its sums any more. */
  private releaseRun(): void {
    this.dropped.push(...this.sums.splice(0));
    this.releaseDropped();
  }

  private drop(buffer: ResidentBuffer): void {
    this.dropped.push(buffer.block, ...buffer.takeDerived(), ...buffer.takeBlanks());
    this.buffers.delete(buffer.handle);
  }

  /** A handle that the validator let pass is missing only when the program that allocated it has failed meanwhile. */
  private buffer(program: Program, handle: Handle): ResidentBuffer {
    const buffer = this.buffers.get(handle);
    if (buffer) return buffer;
    throw new ProgramError(program, 'handle_freed', { label: handle.label });
  }

  /** Leaves nothing of a failed program: its allocs go, and its frees take effect, as the caller counts them done. */
  private abandon(program: Program): void {
    this.validator.abandon(program);
    this.steps.clear();
    for (const buffer of this.buffers.values()) this.dropped.push(...buffer.keepListed());
    for (const op of program.ops) {
      const buffer = op.op === 'alloc' || op.op === 'free' ? this.buffers.get(op.handle) : undefined;
      if (buffer) this.drop(buffer);
    }
    this.releaseRun();
  }
}

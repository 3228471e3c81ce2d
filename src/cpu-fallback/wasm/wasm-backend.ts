// The wasm backend: AssemblyScript kernels with SIMD, run by worker threads on one shared memory in which the buffers lie.
import os from 'node:os';
import { CodedError } from '../../errors.js';
import type {
  BackendInfo,
  ComputeBackend,
  GivenThread,
  Handle,
  KernelProfile,
  Program,
  ProgramResult,
  ThreadModule,
} from '../../compute/backend.js';
import { ProfileSums } from '../../compute/profile-sums.js';
import { ProgramValidator } from '../../compute/validate-program.js';
import { setTimes } from '../host-backend.js';
import { backendInfo } from './backend-info.js';
import { BlockStore } from './block-store.js';
import { BufferReads } from './buffer-reads.js';
import { BufferSettler } from './buffer-settler.js';
import { HEAP_START } from './control-area.js';
import { fuseSteps } from './fuse-steps.js';
import { KernelCalls } from './kernel-calls.js';
import { freesWhatItLends, LentReads, type MadeReads } from './lent-reads.js';
import { loadKernels, type LoadedKernels } from './load-kernels.js';
import { ResidentBuffer, residentBuffer } from './resident-buffer.js';
import { withBands } from './result-bands.js';
import { type Block, SharedHeap } from './shared-heap.js';
import { StepList } from './step-list.js';
import { StepRunner } from './step-runner.js';
import { type UploadRooms, uploadRooms } from './upload-rooms.js';
import { type UploadOp, Uploads } from './uploads.js';
import { WaitingWarps } from './waiting-warps.js';
import type { WasmOp } from './wasm-ops.js';
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

/** Use `createWasmBackend`; the class is open to tests that take its threads away. */
export class WasmBackend implements ComputeBackend {
  readonly info: BackendInfo;
  readonly uploadMemory: UploadRooms | undefined;
  private readonly validator: ProgramValidator;
  private readonly heap: SharedHeap;
  private readonly lent: LentReads;
  private readonly memory: WebAssembly.Memory;
  private readonly steps: StepList;
  private readonly buffers = new Map<Handle, ResidentBuffer>();
  private readonly profile = new ProfileSums();
  private readonly blocks: BlockStore;
  private readonly runner: StepRunner;
  private readonly settler: BufferSettler;
  private readonly calls: KernelCalls;
  private readonly reads: BufferReads;
  /** Blocks that the running program keeps to its end: of the sums that it reads, until they are taken, and of lists of warps. */
  private readonly passing: Block[] = [];
  private tail: Promise<unknown> = Promise.resolve();
  private queued = 0;
  /** Uploads of the programs that run or wait, whose copies lie in the heap as far as there is room. */
  private readonly waiting = new Set<Uploads>();
  private closed = false;

  constructor(
    { memory, limitBytes, functions }: LoadedKernels,
    private readonly pool: WorkerPool,
  ) {
    this.info = backendInfo(pool.size, limitBytes - HEAP_START);
    this.memory = memory;
    this.validator = new ProgramValidator(this.info.limits);
    this.heap = new SharedHeap(memory, limitBytes);
    this.uploadMemory = uploadRooms(this.heap, memory);
    this.lent = new LentReads(this.heap);
    this.steps = new StepList(memory, functions);
    this.blocks = new BlockStore(this.heap);
    const { steps, heap, blocks, lent, buffers, waiting, profile } = this;
    this.runner = new StepRunner({ steps, pool, heap, blocks, lent, buffers, waiting, profile });
    this.settler = new BufferSettler({ memory, steps, blocks, buffers }, this.runner);
    const { runner, settler, passing } = this;
    this.calls = new KernelCalls({ memory, steps, blocks, buffers, lent, profile, runner, settler, passing });
    this.reads = new BufferReads({ memory, profile, runner, settler, passing });
  }

  supports(): true {
    return true;
  }

  async submit(program: Program): Promise<ProgramResult> {
    if (this.closed) throw new CodedError('compute_backend_closed', { backend: 'wasm' });
    if (this.pool.failure) throw this.pool.failure;
    this.validator.check(program);
    const ops = withBands(fuseSteps(program.ops), program, this.pool.size);
    const uploads = new Uploads(ops, this.heap, this.memory, this.uploadMemory);
    this.waiting.add(uploads);
    // An idle backend takes uploads that come before kernels straight into its buffers; all others wait as copies, since the caller may change its arrays
    // once it has the promise.
    const isIdle = this.queued++ === 0;
    const begin = () => this.run(program, ops, uploads);
    const run = isIdle ? begin() : this.tail.then(begin);
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

  giveThread(module: ThreadModule): GivenThread | undefined {
    return this.queued > 0 ? undefined : this.pool.give(module);
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.tail;
    await this.lent.back();
    await this.pool.close();
    this.buffers.clear();
  }

  private async run(program: Program, ops: readonly WasmOp[], uploads: Uploads): Promise<MadeReads> {
    const reads: (() => Float32Array | Uint32Array)[] = [];
    const lent = new Set<Block>();
    let last: MadeReads | undefined;
    try {
      // While it waited a thread may have died; the others may still be writing where that program's buffers lay.
      if (this.pool.failure) throw this.pool.failure;
      for (const op of ops) {
        // Each of these waits for the workers only where it must.
        if (op.op === 'alloc') {
          const { handle } = op;
          const warps = op.late ? new WaitingWarps() : undefined;
          const block =
            warps ??
            uploads.adopt(handle) ??
            this.runner.placeNow(handle) ??
            (await this.runner.place(program, handle));
          this.buffers.set(handle, new ResidentBuffer(handle, block));
        } else if (op.op === 'upload') {
          const buffer = residentBuffer(this.buffers, program, op.handle);
          if (!buffer.isSettled) await this.settler.settle(program, buffer);
          if (this.blocks.isKept(buffer.block)) await this.settler.settleAll(program);
          if (buffer.busy) await this.runner.flush(program);
          this.upload(buffer, op, uploads);
        } else if (op.op === 'kernel') {
          if (this.steps.isFull) await this.runner.flush(program);
          last = await this.calls.add(program, op);
          for (const { reads: read } of op.bands ?? [])
            for (const handle of read) lent.add(residentBuffer(this.buffers, program, handle).block);
        } else if (op.op === 'read') {
          const buffer = residentBuffer(this.buffers, program, op.handle);
          reads.push(await this.reads.read(program, buffer, op));
          if (program.lend) lent.add(buffer.block);
        } else {
          this.drop(residentBuffer(this.buffers, program, op.handle));
        }
      }
      await this.runner.flush(program);
    } catch (error) {
      this.abandon(program, ops);
      throw error;
    } finally {
      uploads.release();
      this.waiting.delete(uploads);
    }
    const made = last ?? { reads: reads.map((read) => read()) };
    const held = this.blocks.take(lent);
    this.releaseRun();
    return { ...made, held };
  }

  private upload(buffer: ResidentBuffer, op: UploadOp, uploads: Uploads): void {
    const start = (op.offset ?? 0) * BYTES;
    const { length } = buffer.handle;
    const size = op.data.byteLength * (op.times ?? 1);
    const target = new Uint8Array(this.memory.buffer, buffer.block.address, length * BYTES);
    this.profile.timed('upload', size, () => uploads.take(op, (bytes) => setTimes(target, bytes, op)));
    buffer.unwritten.wrote(start / BYTES, (start + size) / BYTES);
    this.blocks.drop(...buffer.takeDerived());
  }

  /** At the end of a program, good or bad: nothing looks at what it has freed or kept to its end any more. */
  private releaseRun(): void {
    this.blocks.drop(...this.passing.splice(0));
    this.blocks.release();
  }

  private drop(buffer: ResidentBuffer): void {
    if (buffer.waiting) this.blocks.giveBack(buffer.waiting.take());
    else this.blocks.drop(buffer.block);
    this.blocks.drop(...buffer.takeDerived(), ...buffer.takeBlanks());
    this.buffers.delete(buffer.handle);
  }

  /** Leaves nothing of a failed program: its allocs go, and its frees take effect, as the caller counts them done. `ops` are what it has been made of. */
  private abandon(program: Program, ops: readonly WasmOp[]): void {
    this.validator.abandon(program);
    this.steps.clear();
    // The steps that make a table may have stood in the list: tables are made again.
    for (const buffer of this.buffers.values())
      this.blocks.drop(...buffer.keepListed(), ...buffer.takeDerived());
    for (const op of ops) {
      const buffer = op.op === 'alloc' || op.op === 'free' ? this.buffers.get(op.handle) : undefined;
      if (buffer) this.drop(buffer);
    }
    this.releaseRun();
  }
}

// The wasm backend: AssemblyScript kernels with SIMD, run by worker threads on one shared memory in which the buffers lie.
import os from 'node:os';
import { CodedError } from '../../errors.js';
import type {
  BackendInfo,
  ComputeBackend,
  GivenThread,
  Handle,
  KernelProfile,
  Op,
  Program,
  ProgramResult,
  ThreadModule,
} from '../../compute/backend.js';
import type { BufferRole } from '../../compute/contract.js';
import { ProfileSums } from '../../compute/profile-sums.js';
import { trafficBytes } from '../../compute/traffic.js';
import { ProgramError, ProgramValidator } from '../../compute/validate-program.js';
import { setTimes } from '../host-backend.js';
import { backendInfo } from './backend-info.js';
import { BlockStore } from './block-store.js';
import { BufferSettler } from './buffer-settler.js';
import { HEAP_START } from './control-area.js';
import { fuseSteps } from './fuse-steps.js';
import { contractOf, SUM_WORDS } from './inner-contracts.js';
import { packJob } from './job-layout.js';
import { type DerivedTable, kernelPasses, type PlainStep, regionBytes, sumPass } from './kernel-passes.js';
import { freesWhatItLends, LentReads, type MadeReads } from './lent-reads.js';
import { loadKernels, type LoadedKernels } from './load-kernels.js';
import { ResidentBuffer } from './resident-buffer.js';
import { withBands } from './result-bands.js';
import { type Block, SharedHeap } from './shared-heap.js';
import { stackInBands } from './stack-in-bands.js';
import { StepList } from './step-list.js';
import { StepRunner } from './step-runner.js';
import { type UploadRooms, uploadRooms } from './upload-rooms.js';
import { type UploadOp, Uploads } from './uploads.js';
import { WaitingWarps } from './waiting-warps.js';
import type { ResultBand, WasmKernelOp, WasmOp } from './wasm-ops.js';
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
          const buffer = this.buffer(program, op.handle);
          if (!buffer.isSettled) await this.settler.settle(program, buffer);
          if (this.blocks.isKept(buffer.block)) await this.settler.settleAll(program);
          if (buffer.busy) await this.runner.flush(program);
          this.upload(buffer, op, uploads);
        } else if (op.op === 'kernel') {
          if (this.steps.isFull) await this.runner.flush(program);
          last = await this.addKernel(program, op);
          for (const { reads: read } of op.bands ?? [])
            for (const handle of read) lent.add(this.buffer(program, handle).block);
        } else if (op.op === 'read') {
          const buffer = this.buffer(program, op.handle);
          await this.settler.settle(program, buffer);
          await this.settler.clear(program, buffer);
          reads.push(await this.read(program, buffer, op));
          if (program.lend) lent.add(buffer.block);
        } else {
          this.drop(this.buffer(program, op.handle));
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
    await this.runner.flush(program);
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
    const block = await this.runner.place(program, words);
    this.passing.push(block);
    const { address } = block;
    const sum = () => new Uint32Array(this.memory.buffer, address, words.length);
    sum().fill(0);
    const step: PlainStep = { pass: sumPass, params: { words: count }, words: [start, count, address] };
    await this.settler.addStep(program, buffer, step);
    return () => this.profile.timed('read_back', words.length * BYTES, () => sum().slice());
  }

  /** Adds a call to the list. Of one in bands all are made, and the last is returned. */
  private async addKernel(program: Program, op: WasmKernelOp): Promise<MadeReads | undefined> {
    const contract = contractOf(op.stem);
    if (op.bands) this.zeroSums(program, op.bands);
    const { passes, derived = [], overwrites, ignores, cube, joinedBy, warped } = kernelPasses[op.stem];
    const addresses: number[] = [];
    const roles = contract.buffers;
    const bound = roles.map(({ name }) => this.buffer(program, op.buffers[name]));
    let spoils = false;
    for (let i = 0; i < roles.length; i++)
      spoils ||= roles[i].access !== 'read' && this.blocks.isKept(bound[i].block);
    if (spoils) await this.settler.settleAll(program);
    const waiting = this.buffers.get(op.buffers.cube)?.waiting?.waitingOn(op.stem, op.params);
    const params = this.withRegions(op, waiting);
    for (let i = 0; i < roles.length; i++) {
      const { name } = roles[i];
      const buffer = bound[i];
      // to wait for nothing costs as much as all that is done here
      if (!cube || name !== 'cube') {
        if (!buffer.isSettled) await this.settler.settle(program, buffer);
      } else if (!waiting) await this.settler.warpWaiting(program, buffer);
      addresses.push(buffer.block.address);
      const ignored = ignores?.(name, params);
      if (ignored) buffer.unwritten.wrote(...ignored);
      const cleared = this.prepareRole(program, buffer, roles[i], params, overwrites?.(name, params));
      if (cleared) await cleared;
    }
    const made: DerivedTable[] = [];
    const tables: Block[] = [];
    for (const table of derived) {
      const source = table.needed(params) ? this.buffer(program, op.buffers[table.from]) : undefined;
      const key = `${table.name} ${table.variant?.(params) ?? ''}`;
      if (source && !source.derived.has(key)) {
        const block = await this.runner.place(program, {
          label: source.handle.label,
          element: 'f32',
          length: table.bytes(params) / BYTES,
        });
        source.derived.set(key, block);
        made.push(table);
        if (table.stem) {
          const bytes = BYTES * source.handle.length + table.bytes(params);
          this.profile.add({ stem: table.stem, calls: 1, seconds: 0, bytes });
        }
      }
      const block = source?.derived.get(key);
      if (block) tables.push(block);
      addresses.push(block?.address ?? 0);
    }
    const shape = cube?.(params);
    const known = shape && this.buffer(program, op.buffers.cube).blanks;
    const blanks = known?.isOf(shape!)
      ? known
      : shape && (await this.settler.blanksOf(program, this.buffer(program, op.buffers.cube), shape));
    if (blanks) addresses.push(blanks.block.address);
    this.profile.add({ stem: op.countsAs, calls: 1, seconds: 0, bytes: trafficBytes(contract, params) });
    const before = (calls: number) =>
      packJob(op.stem, { ...params, [joinedBy!]: params[joinedBy!] - calls }, addresses);
    const joined = joinedBy && params[joinedBy] > 0 && this.steps.join(passes[0], before);
    const list = waiting && warped && (await this.listWarps(program, waiting));
    if (list) addresses.push(list.address, warped.samplesAt(params));
    // A warp that waits has its tables made only.
    const own = !waiting ? passes : warped ? [warped.pass] : [];
    const job = packJob(op.stem, params, addresses);
    const leftOut = blanks && (() => blanks.samples(params.slot));
    let last: MadeReads | undefined;
    if (op.bands) {
      const call = { op, params, addresses, pass: own[0], leftOut };
      const { memory, steps, runner, lent } = this;
      const bufferOf = (handle: Handle) => this.buffer(program, handle);
      last = await stackInBands(program, op.bands, call, { memory, steps, runner, lent, bufferOf });
    }
    for (const pass of joined || last ? [] : [...made, ...own]) {
      if (this.steps.isFull) await this.runner.flush(program);
      this.steps.add(pass, params, job, pass.stem ?? op.countsAs, pass === own[0] ? leftOut : undefined);
    }
    // Only now: whatever had the list run on the way here would have taken it back.
    for (const buffer of bound) buffer.busy = true;
    if (list) this.settler.giveBack(waiting);
    else if (waiting)
      this.blocks.keep(
        waiting.add(
          params,
          job,
          bound.map(({ block }) => block),
          tables,
        ),
      );
    return last;
  }

  /** What the bands of a stack count into: words that no step need clear. */
  private zeroSums(program: Program, bands: readonly ResultBand[]): void {
    for (const { buffers } of bands) {
      for (const handle of Object.values(buffers)) {
        if (handle.length !== SUM_WORDS) continue;
        const buffer = this.buffer(program, handle);
        new Uint32Array(this.memory.buffer, buffer.block.address, SUM_WORDS).fill(0);
        buffer.unwritten.wrote(0, SUM_WORDS);
      }
    }
  }

  /** The parameters of a call with the scratch that parts of windows take: of any map where steps of the list may still be writing this one. */
  private withRegions(
    { stem, params, buffers }: WasmKernelOp,
    waiting: WaitingWarps | undefined,
  ): Readonly<Record<string, number>> {
    if (stem === 'guarded-stack') return waiting ? { ...params, ...waiting.inHand(params) } : params;
    if (stem !== 'warp-window') return params;
    const { handle, block, isUploaded } = this.buffers.get(buffers.map)!;
    const map = isUploaded ? new Float32Array(this.memory.buffer, block.address, handle.length) : undefined;
    // of this call alone: window-steps.ts
    const own = params as Record<string, number>;
    own.regionBytes = regionBytes(map, params);
    return own;
  }

  /** Their packed calls. */
  private async listWarps(program: Program, waiting: WaitingWarps): Promise<Block> {
    const list = waiting.list();
    const words: Handle = { label: 'warps', element: 'u32', length: list.length / BYTES };
    const block = await this.runner.place(program, words);
    this.passing.push(block);
    new Uint8Array(this.memory.buffer, block.address, list.length).set(list);
    return block;
  }

  /** Makes a buffer ready for its role: what the kernel would see and nothing has written becomes zero, which may have to be waited for. */
  private prepareRole(
    program: Program,
    buffer: ResidentBuffer,
    role: Role,
    params: Readonly<Record<string, number>>,
    overwritten: readonly [number, number] | undefined,
  ): Promise<void> | undefined {
    if (role.access !== 'read') {
      this.blocks.drop(...buffer.takeDerived());
      buffer.isMade = true;
    }
    if (role.access === 'write') buffer.unwritten.wrote(0, role.length(params));
    else if (overwritten) buffer.unwritten.wrote(...overwritten);
    else if (!buffer.unwritten.isEmpty) return this.settler.clear(program, buffer);
    return undefined;
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

  /** A handle that the validator let pass is missing only when the program that allocated it has failed meanwhile. */
  private buffer(program: Program, handle: Handle): ResidentBuffer {
    const buffer = this.buffers.get(handle);
    if (buffer) return buffer;
    throw new ProgramError(program, 'handle_freed', { label: handle.label });
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

// What the backends on plain host arrays share: handles as typed arrays, operations one after the other, profile, leak-free failure.
import { DeviceCapacityError } from '../compute/device-error.js';
import { CodedError } from '../errors.js';
import type {
  BackendInfo,
  ComputeBackend,
  Handle,
  KernelProfile,
  Op,
  Program,
  ProgramResult,
} from '../compute/backend.js';
import type { KernelContract } from '../compute/contract.js';
import { contracts, type KernelStem } from '../compute/contracts/index.js';
import { trafficBytes } from '../compute/traffic.js';
import { ProfileSums } from '../compute/profile-sums.js';
import { ProgramError, ProgramValidator } from '../compute/validate-program.js';
import { wordSum } from '../compute/word-sum.js';
import type { DeviceArray } from './twin.js';

const BYTES = 4;
/** Typed arrays of V8 end at 2^32 elements and allocate lazily; one buffer of 4 GiB is more than any cell needs. */
export const HOST_MAX_BUFFER_BYTES = 2 ** 32;
/** Longest time without a turn of the event loop, so that signals and timers are served. */
const TURN_MS = 20;

type UploadOp = Extract<Op, { op: 'upload' }>;
type KernelOp = Extract<Op, { op: 'kernel' }>;

/** The kernels of a backend whose buffers are host arrays. */
export interface HostKernels {
  readonly info: BackendInfo;
  /**
   * Runs one kernel over its whole thread grid. `params` are as the device sees them (f32 rounded), `buffers` hold every role, checked. A long
   * kernel awaits `turn` now and then; what that takes is not counted as its time.
   */
  run(
    stem: KernelStem,
    params: Readonly<Record<string, number>>,
    buffers: Readonly<Record<string, DeviceArray>>,
    turn: () => Promise<void>,
  ): void | Promise<void>;
  /** Gives back what the kernels hold; called once, when nothing runs. */
  close(): void | Promise<void>;
}

/**
 * Runs programs operation by operation with `kernels`, which must hold every stem. `submit` throws nothing synchronously: a program that
 * breaks the rules rejects with ProgramError.
 */
export function createHostBackend(kernels: HostKernels): ComputeBackend {
  return new HostBackend(kernels);
}

class HostBackend implements ComputeBackend {
  readonly info: BackendInfo;
  private readonly validator: ProgramValidator;
  private readonly buffers = new Map<Handle, DeviceArray>();
  private readonly profile = new ProfileSums();
  private tail: Promise<unknown> = Promise.resolve();
  private lastTurn = performance.now();
  private turnedMs = 0;
  private closing: Promise<void> | undefined;

  constructor(private readonly kernels: HostKernels) {
    this.info = kernels.info;
    this.validator = new ProgramValidator(this.info.limits);
  }

  supports(): true {
    return true;
  }

  async submit(program: Program): Promise<ProgramResult> {
    if (this.closing) throw new CodedError('compute_backend_closed', { backend: this.info.name });
    this.validator.check(program);
    // Taken now: the caller may reuse its arrays as soon as it has the promise.
    const uploads = new Map<Op, Uint8Array>();
    for (const op of program.ops) if (op.op === 'upload') uploads.set(op, bytesOf(op).slice());
    const run = this.tail.then(() => this.run(program, uploads));
    this.tail = run.catch(() => undefined);
    return run;
  }

  resident(): { handles: number; bytes: number } {
    let bytes = 0;
    for (const buffer of this.buffers.values()) bytes += buffer.byteLength;
    return { handles: this.buffers.size, bytes };
  }

  takeProfile(): KernelProfile[] {
    return this.profile.take();
  }

  close(): Promise<void> {
    this.closing ??= this.tail.then(() => {
      this.buffers.clear();
      return this.kernels.close();
    });
    return this.closing;
  }

  private async run(program: Program, uploads: ReadonlyMap<Op, Uint8Array>): Promise<ProgramResult> {
    const reads: DeviceArray[] = [];
    try {
      for (const op of program.ops) {
        await this.turn();
        await this.step(program, op, uploads, reads);
      }
    } catch (error) {
      this.abandon(program);
      throw error;
    }
    if (!program.lend) return { reads };
    await program.lend(reads);
    return { reads: [] };
  }

  /** Lets the event loop turn when it has waited long enough. */
  private readonly turn = async (): Promise<void> => {
    const start = performance.now();
    if (start - this.lastTurn <= TURN_MS) return;
    await new Promise((resolve) => setImmediate(resolve));
    this.lastTurn = performance.now();
    this.turnedMs += this.lastTurn - start;
  };

  private step(
    program: Program,
    op: Op,
    uploads: ReadonlyMap<Op, Uint8Array>,
    reads: DeviceArray[],
  ): void | Promise<void> {
    switch (op.op) {
      case 'alloc':
        this.buffers.set(op.handle, allocate(program, op.handle));
        break;
      case 'upload':
        this.profile.timed('upload', op.data.byteLength * (op.times ?? 1), () =>
          setTimes(bytesOfArray(this.buffer(program, op.handle)), uploads.get(op)!, op),
        );
        break;
      case 'kernel':
        return this.runKernel(program, op);
      case 'read': {
        const start = op.offset ?? 0;
        const end = op.length === undefined ? undefined : start + op.length;
        const buffer = this.buffer(program, op.handle);
        const bytes = ((end ?? buffer.length) - start) * BYTES;
        reads.push(
          this.profile.timed('read_back', bytes, () =>
            op.sum ? wordSum(buffer.subarray(start, end) as Uint32Array) : buffer.slice(start, end),
          ),
        );
        break;
      }
      case 'free':
        this.buffers.delete(op.handle);
    }
  }

  private async runKernel(program: Program, op: KernelOp): Promise<void> {
    const params: Record<string, number> = {};
    const contract = contracts[op.stem] as unknown as KernelContract;
    for (const [name, type] of Object.entries(contract.params)) {
      params[name] = type === 'f32' ? Math.fround(op.params[name]) : op.params[name];
    }
    const buffers: Record<string, DeviceArray> = {};
    for (const [role, handle] of Object.entries(op.buffers)) buffers[role] = this.buffer(program, handle);
    this.turnedMs = 0;
    const start = performance.now();
    await this.kernels.run(op.stem, params, buffers, this.turn);
    const seconds = (performance.now() - start - this.turnedMs) / 1000;
    this.profile.add({ stem: op.stem, calls: 1, seconds, bytes: trafficBytes(contract, op.params) });
  }

  /** A handle that the validator let pass is missing only when the program that allocated it has failed meanwhile. */
  private buffer(program: Program, handle: Handle): DeviceArray {
    const buffer = this.buffers.get(handle);
    if (buffer) return buffer;
    throw new ProgramError(program, 'handle_freed', { label: handle.label });
  }

  /** Leaves nothing of a failed program: its allocs go, and its frees take effect, as the caller counts them done. */
  private abandon(program: Program): void {
    this.validator.abandon(program);
    for (const op of program.ops) if (op.op === 'alloc' || op.op === 'free') this.buffers.delete(op.handle);
  }
}

/** Copies the data of an upload to its place, as often as it says. */
export function setTimes(
  target: Uint8Array,
  data: Uint8Array,
  { offset = 0, times = 1 }: Pick<UploadOp, 'offset' | 'times'>,
): void {
  for (let k = 0; k < times; k++) target.set(data, offset * BYTES + k * data.byteLength);
}

function allocate(program: Program, handle: Handle): DeviceArray {
  try {
    return handle.element === 'f32' ? new Float32Array(handle.length) : new Uint32Array(handle.length);
  } catch (cause) {
    const params = { program: program.label, label: handle.label, bytes: handle.length * BYTES };
    throw new DeviceCapacityError('compute_out_of_memory', params, { cause });
  }
}

function bytesOf(op: UploadOp): Uint8Array {
  return new Uint8Array(op.data.buffer, op.data.byteOffset, op.data.byteLength);
}

function bytesOfArray(array: DeviceArray): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

// The reference backend: plain TypeScript on one thread, complete on every machine, the definition of right.
import os from 'node:os';
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
import { contracts, type KernelStem } from '../compute/contracts/index.js';
import { ProgramError, ProgramValidator } from '../compute/validate-program.js';
import type { DeviceArray } from './twin.js';
import { twins } from './twins.js';

const BYTES = 4;
/** Typed arrays of V8 end at 2^32 elements and allocate lazily; one buffer of 4 GiB is more than any cell needs. */
const MAX_BUFFER_BYTES = 2 ** 32;
/** Longest time without a turn of the event loop between operations, so that signals and timers are served. */
const TURN_MS = 20;

type UploadOp = Extract<Op, { op: 'upload' }>;
type KernelOp = Extract<Op, { op: 'kernel' }>;

/**
 * Runs programs with the CPU twins, operation by operation. Sums are f64, results are rounded to f32 when stored; the same bytes on every
 * platform. `submit` throws nothing synchronously: a program that breaks the rules rejects with ProgramError.
 */
export function createReferenceBackend(): ComputeBackend {
  return new ReferenceBackend();
}

class ReferenceBackend implements ComputeBackend {
  readonly info: BackendInfo = {
    name: 'reference',
    device: os.cpus()[0]?.model.trim() || os.arch(),
    hardware: true,
    threads: 1,
    limits: { maxBufferBytes: MAX_BUFFER_BYTES, maxResidentBytes: os.totalmem() },
  };
  private readonly validator = new ProgramValidator(this.info.limits);
  private readonly buffers = new Map<Handle, DeviceArray>();
  private readonly profile = new Map<KernelStem, { calls: number; seconds: number; bytes: number }>();
  private tail: Promise<unknown> = Promise.resolve();
  private lastTurn = performance.now();
  private closed = false;

  supports(): true {
    return true;
  }

  async submit(program: Program): Promise<ProgramResult> {
    if (this.closed) throw new CodedError('compute_backend_closed', { backend: 'reference' });
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
    const taken = [...this.profile].map(([stem, p]) => ({ stem, ...p }));
    this.profile.clear();
    return taken;
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.tail;
    this.buffers.clear();
  }

  private async run(program: Program, uploads: ReadonlyMap<Op, Uint8Array>): Promise<ProgramResult> {
    const reads: DeviceArray[] = [];
    try {
      for (const op of program.ops) {
        if (performance.now() - this.lastTurn > TURN_MS) {
          await new Promise((resolve) => setImmediate(resolve));
          this.lastTurn = performance.now();
        }
        this.step(program, op, uploads, reads);
      }
    } catch (error) {
      this.abandon(program);
      throw error;
    }
    return { reads };
  }

  private step(program: Program, op: Op, uploads: ReadonlyMap<Op, Uint8Array>, reads: DeviceArray[]): void {
    switch (op.op) {
      case 'alloc':
        this.buffers.set(op.handle, allocate(program, op.handle));
        break;
      case 'upload':
        bytesOfArray(this.buffer(program, op.handle)).set(uploads.get(op)!, (op.offset ?? 0) * BYTES);
        break;
      case 'kernel':
        this.runKernel(program, op);
        break;
      case 'read': {
        const start = op.offset ?? 0;
        const end = op.length === undefined ? undefined : start + op.length;
        reads.push(this.buffer(program, op.handle).slice(start, end));
        break;
      }
      case 'free':
        this.buffers.delete(op.handle);
    }
  }

  private runKernel(program: Program, op: KernelOp): void {
    const params: Record<string, number> = {};
    for (const [name, type] of Object.entries(contracts[op.stem].params)) {
      params[name] = type === 'f32' ? Math.fround(op.params[name]) : op.params[name];
    }
    const buffers: Record<string, DeviceArray> = {};
    let bytes = 0;
    for (const [role, handle] of Object.entries(op.buffers)) {
      buffers[role] = this.buffer(program, handle);
      bytes += buffers[role].byteLength;
    }
    const start = performance.now();
    twins[op.stem](params, buffers);
    const seconds = (performance.now() - start) / 1000;
    const sum = this.profile.get(op.stem) ?? { calls: 0, seconds: 0, bytes: 0 };
    this.profile.set(op.stem, {
      calls: sum.calls + 1,
      seconds: sum.seconds + seconds,
      bytes: sum.bytes + bytes,
    });
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

function allocate(program: Program, handle: Handle): DeviceArray {
  try {
    return handle.element === 'f32' ? new Float32Array(handle.length) : new Uint32Array(handle.length);
  } catch (cause) {
    const params = { program: program.label, label: handle.label, bytes: handle.length * BYTES };
    throw new CodedError('compute_out_of_memory', params, { cause });
  }
}

function bytesOf(op: UploadOp): Uint8Array {
  return new Uint8Array(op.data.buffer, op.data.byteOffset, op.data.byteLength);
}

function bytesOfArray(array: DeviceArray): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

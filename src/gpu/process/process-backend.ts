// The webgpu backend as the run sees it: programs go to a process that owns the device, samples and results as raw bytes over a socket.
import type {
  BackendInfo,
  ComputeBackend,
  Handle,
  KernelCall,
  KernelProfile,
  Program,
  ProgramResult,
} from '../../compute/backend.js';
import { ProgramValidator } from '../../compute/validate-program.js';
import { CodedError } from '../../errors.js';
import type { AdapterChoice, AdapterSummary } from '../adapters.js';
import { type Arrived, bytesOf, Connection, type DeviceProcessOptions } from './connection.js';
import { packProgram } from './messages.js';

const BYTES = 4;

/**
 * Starts the process and opens the adapter that fits there. Throws GpuError as `createWebgpuBackend` does, `gpu_process_ended` when the process ends by
 * itself, which a crash of the driver does to it, and `gpu_process_silent` when a driver that hangs keeps it from answering.
 */
export async function createProcessBackend(
  choice: AdapterChoice = {},
  options: DeviceProcessOptions = {},
): Promise<DeviceProcessBackend> {
  const connection = new Connection(options);
  try {
    return new DeviceProcessBackend(connection, await connection.open(choice));
  } catch (error) {
    await connection.end();
    throw error;
  }
}

/** As `listAdapters`, in a process of its own: a driver that crashes when it is asked ends that one. Throws as `createProcessBackend`. */
export async function listAdaptersInProcess(
  options: DeviceProcessOptions = {},
): Promise<readonly AdapterSummary[]> {
  const connection = new Connection(options);
  try {
    return await connection.listAdapters();
  } finally {
    await connection.end();
  }
}

/** Guarantees as WebgpuBackend; besides, all work fails with GpuError `gpu_process_ended` once the process is gone, `gpu_process_silent` when it hung. */
export class DeviceProcessBackend implements ComputeBackend {
  private readonly validator: ProgramValidator;
  private readonly ids = new Map<Handle, number>();
  private nextId = 0;
  private idle: ArrayBuffer | undefined;
  private closing: Promise<void> | undefined;

  constructor(
    private readonly connection: Connection,
    readonly info: BackendInfo,
  ) {
    this.validator = new ProgramValidator(info.limits);
  }

  /** Of the process that owns the device. */
  get pid(): number | undefined {
    return this.connection.pid;
  }

  /** Every stem has a shader. */
  supports(): true {
    return true;
  }

  /** Resolves at once: it is the programs submitted from then on that wait. */
  prepare(calls: readonly KernelCall[]): Promise<void> {
    if (!this.closing) this.connection.prepare(calls);
    return Promise.resolve();
  }

  async submit(program: Program): Promise<ProgramResult> {
    if (this.closing) throw new CodedError('compute_backend_closed', { backend: this.info.name });
    this.connection.throwIfEnded();
    this.validator.check(program);
    for (const op of program.ops) if (op.op === 'alloc') this.ids.set(op.handle, this.nextId++);
    const { ops, uploads } = packProgram(program, (handle) => this.ids.get(handle)!);
    for (const op of program.ops) if (op.op === 'free') this.ids.delete(op.handle);
    let arrived: Arrived;
    try {
      arrived = await this.connection.submit(program.label, ops, uploads);
    } catch (error) {
      this.validator.abandon(program);
      for (const op of program.ops) if (op.op === 'alloc') this.ids.delete(op.handle);
      throw error;
    }
    if (!program.lend)
      return { reads: await this.connection.take(arrived, new ArrayBuffer(bytesOf(arrived))) };
    const room = this.roomFor(bytesOf(arrived));
    await program.lend(await this.connection.take(arrived, room));
    this.idle = room;
    return { reads: [] };
  }

  /** Memory for reads that are lent: that of the last ones, where it is free and fits. */
  private roomFor(bytes: number): ArrayBuffer {
    const { idle } = this;
    this.idle = undefined;
    return idle && idle.byteLength >= bytes ? idle : new ArrayBuffer(bytes);
  }

  resident(): { handles: number; bytes: number } {
    let bytes = 0;
    for (const { length } of this.ids.keys()) bytes += length * BYTES;
    return { handles: this.ids.size, bytes };
  }

  takeProfile(): KernelProfile[] {
    return this.connection.profile.take();
  }

  close(): Promise<void> {
    this.closing ??= this.connection.end();
    return this.closing;
  }
}

// Turns the operations of one program into command buffers, in order, without waiting for the device.
import type { Handle, Op, Program } from '../compute/backend.js';
import type { KernelContract } from '../compute/contract.js';
import { contracts, type KernelStem } from '../compute/contracts/index.js';
import { packParams } from '../compute/params.js';
import type { ProfileSums } from '../compute/profile-sums.js';
import { trafficBytes } from '../compute/traffic.js';
import type { BufferPool } from './buffer-pool.js';
import { dispatchSize } from './dispatch-size.js';
import type { KernelClock } from './kernel-clock.js';
import { gpuKernels } from './kernels/index.js';
import type { Pipeline, Pipelines } from './pipelines.js';
import type { UploadStaging } from './upload-staging.js';
import { WordSums } from './word-sums.js';

type KernelOp = Extract<Op, { op: 'kernel' }>;
type UploadOp = Extract<Op, { op: 'upload' }>;
type ReadOp = Extract<Op, { op: 'read' }>;

const BYTES = 4;
/** From so many bytes on an upload goes through memory that is kept for them. */
const STAGED_BYTES = 2 ** 16;
/** Bytes of what is uploaded to be repeated. */
const REPEATED_BYTES = 2 ** 18;

/** Memory of a live handle. */
export interface Resident {
  readonly buffer: GPUBuffer;
  readonly bytes: number;
  /** True while a reused buffer still holds another handle's bytes. */
  stale: boolean;
}

/** A read under way. */
export interface PendingRead {
  readonly staging: GPUBuffer;
  readonly handle: Handle;
  readonly bytes: number;
  /** They are sums of its words, to be added up. */
  readonly sum: boolean;
}

/** One dispatched kernel. */
export interface Call {
  readonly stem: KernelStem;
  /** Bytes that it reads and writes. */
  readonly bytes: number;
}

/** What a recorder works with; owned by the backend. */
export interface Workshop {
  readonly device: GPUDevice;
  readonly pipelines: Pipelines;
  readonly wordSums: WordSums;
  readonly storage: BufferPool;
  readonly uniforms: BufferPool;
  readonly staging: BufferPool;
  readonly uploads: UploadStaging;
  readonly live: Map<Handle, Resident>;
  readonly profile: ProfileSums;
}

/** A kernel of a program with all that is decided before recording. */
interface PlannedKernel {
  readonly op: KernelOp;
  readonly workgroups: readonly [number, number, number];
  readonly paramsOffset: number;
}

/** The contract with its parameters untyped: a program's values were checked against the table before. */
function contractOf(op: KernelOp): KernelContract {
  return contracts[op.stem] as unknown as KernelContract;
}

/** Kernels of a program with their grids; throws CodedError for a grid that the device cannot dispatch. */
export function planKernels(program: Program, device: GPUDevice): Map<Op, PlannedKernel> {
  const stride = device.limits.minUniformBufferOffsetAlignment;
  const limit = device.limits.maxComputeWorkgroupsPerDimension;
  const planned = new Map<Op, PlannedKernel>();
  for (const op of program.ops) {
    if (op.op !== 'kernel') continue;
    const threads = contractOf(op).threads(op.params);
    const kernel = gpuKernels[op.stem];
    const { pixels } = kernel.variantFor(op.params);
    const workgroups = dispatchSize(op.stem, kernel, threads, limit, pixels);
    planned.set(op, { op, workgroups, paramsOffset: planned.size * stride });
  }
  return planned;
}

export class Recorder {
  readonly reads: PendingRead[] = [];
  readonly calls: Call[] = [];
  readonly used = new Set<Pipeline>();
  uploadedBytes = 0;
  allocatedBytes = 0;
  private encoder: GPUCommandEncoder | undefined;
  /** Buffers that commands recorded but not yet submitted refer to: an upload into one must not overtake them. */
  private readonly touched = new Set<GPUBuffer>();
  private params: GPUBuffer | undefined;
  private readonly scratches: GPUBuffer[] = [];
  /** What was uploaded through memory that serves again once the device is done with it. */
  readonly staged: GPUBuffer[] = [];

  constructor(
    private readonly shop: Workshop,
    private readonly program: Program,
    private readonly kernels: Map<Op, PlannedKernel>,
    private readonly clock: KernelClock | undefined,
  ) {}

  /** Records and submits everything. */
  run(): void {
    this.writeParams();
    for (const op of this.program.ops) this.record(op);
    if (this.clock !== undefined) this.clock.resolve(this.open());
    this.flush();
    if (this.params !== undefined) this.shop.uniforms.give(this.params);
    for (const buffer of this.scratches) this.shop.storage.give(buffer);
  }

  private record(op: Op): void {
    switch (op.op) {
      case 'alloc':
        return this.alloc(op.handle);
      case 'upload':
        return this.upload(op);
      case 'kernel':
        return this.dispatch(op);
      case 'read':
        return this.read(op);
      case 'free':
        return this.free(op.handle);
    }
  }

  /** All parameter structs of the program in one buffer, at the offsets that were planned. */
  private writeParams(): void {
    const last = [...this.kernels.values()].at(-1);
    if (last === undefined) return;
    const packed = (op: KernelOp) => new Uint8Array(packParams(contractOf(op).params, op.params));
    const bytes = new Uint8Array(last.paramsOffset + packed(last.op).byteLength);
    for (const { op, paramsOffset } of this.kernels.values()) bytes.set(packed(op), paramsOffset);
    this.params = this.shop.uniforms.take(bytes.byteLength, this.program.label).buffer;
    this.shop.device.queue.writeBuffer(this.params, 0, bytes);
  }

  private alloc(handle: Handle): void {
    const bytes = handle.length * BYTES;
    const { buffer, fresh } = this.shop.storage.take(bytes, handle.label);
    this.shop.live.set(handle, { buffer, bytes, stale: !fresh });
    this.allocatedBytes += bytes;
  }

  private upload({ handle, data, offset = 0, times = 1 }: UploadOp): void {
    const resident = this.resident(handle);
    if (data.byteLength * times === resident.bytes) resident.stale = false;
    else this.clean(resident);
    const bytes = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
    if (times > 1) return this.repeat(resident, offset * BYTES, bytes, times);
    this.write(resident.buffer, offset * BYTES, bytes);
  }

  private write(buffer: GPUBuffer, offset: number, bytes: Uint8Array<ArrayBuffer>): void {
    this.uploadedBytes += bytes.byteLength;
    if (bytes.byteLength >= STAGED_BYTES) return this.stage(buffer, offset, bytes);
    if (this.touched.has(buffer)) this.flush();
    const { device, profile } = this.shop;
    profile.timed('upload', bytes.byteLength, () => device.queue.writeBuffer(buffer, offset, bytes));
  }

  private stage(buffer: GPUBuffer, offset: number, bytes: Uint8Array<ArrayBuffer>): void {
    const { uploads, profile } = this.shop;
    const from = profile.timed('upload', bytes.byteLength, () => uploads.holding(bytes));
    this.staged.push(from);
    this.open().copyBufferToBuffer(from, 0, buffer, offset, bytes.byteLength);
    this.touched.add(buffer);
  }

  /** Bytes that are to stand there many times go up a few times, and are copied on the device. */
  private repeat(resident: Resident, offset: number, bytes: Uint8Array<ArrayBuffer>, times: number): void {
    const inBlock = Math.min(times, Math.ceil(REPEATED_BYTES / bytes.byteLength));
    const block = new Uint8Array(inBlock * bytes.byteLength);
    for (let k = 0; k < inBlock; k++) block.set(bytes, k * bytes.byteLength);
    const pattern = this.scratch(block.byteLength);
    this.write(pattern, 0, block);
    const end = offset + times * bytes.byteLength;
    for (let at = offset; at < end; at += block.byteLength) {
      const size = Math.min(block.byteLength, end - at);
      this.open().copyBufferToBuffer(pattern, 0, resident.buffer, at, size);
    }
    this.touched.add(resident.buffer);
  }

  /** A buffer of this program's own. */
  private scratch(bytes: number): GPUBuffer {
    const { buffer } = this.shop.storage.take(bytes, 'scratch');
    this.scratches.push(buffer);
    return buffer;
  }

  private dispatch(op: KernelOp): void {
    const { device, pipelines } = this.shop;
    const { workgroups, paramsOffset } = this.kernels.get(op)!;
    const compiled = pipelines.get(op.stem, gpuKernels[op.stem].variantFor(op.params));
    this.used.add(compiled);
    const roles = contractOf(op).buffers;
    const bound = roles.map(({ name }) => this.resident(op.buffers[name]));
    bound.forEach((resident) => this.clean(resident));
    const size = packParams(contractOf(op).params, op.params).byteLength;
    const resources = [
      { buffer: this.params!, offset: paramsOffset, size },
      ...bound.map(({ buffer, bytes }) => ({ buffer, size: bytes })),
    ];
    const entries = resources.map((resource, binding) => ({ binding, resource }));
    const group = device.createBindGroup({ label: op.stem, layout: compiled.layout, entries });
    this.calls.push({ stem: op.stem, bytes: trafficBytes(contractOf(op), op.params) });
    const timestampWrites = this.clock?.next();
    const pass = this.open().beginComputePass({ label: op.stem, timestampWrites });
    pass.setPipeline(compiled.pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(...workgroups);
    pass.end();
    for (const { buffer } of bound) this.touched.add(buffer);
  }

  private read({ handle, offset = 0, length = handle.length - offset, sum = false }: ReadOp): void {
    const resident = this.resident(handle);
    this.clean(resident);
    this.touched.add(resident.buffer);
    if (sum) return this.readSum(handle, resident, offset * BYTES, length * BYTES);
    this.readPart(handle, resident.buffer, offset * BYTES, length * BYTES);
  }

  private readPart(handle: Handle, from: GPUBuffer, offset: number, bytes: number, sum = false): void {
    const staging = this.shop.staging.take(bytes, handle.label).buffer;
    this.open().copyBufferToBuffer(from, offset, staging, 0, bytes);
    this.reads.push({ staging, handle, bytes, sum });
  }

  private readSum(handle: Handle, { buffer, bytes: whole }: Resident, offset: number, bytes: number): void {
    let words = buffer;
    if (bytes < whole) {
      // bindings begin at few places
      words = this.scratch(bytes);
      this.open().copyBufferToBuffer(buffer, offset, words, 0, bytes);
    }
    const sums = this.scratch(WordSums.bytesFor(bytes));
    this.shop.wordSums.record(this.open(), words, bytes, sums);
    this.readPart(handle, sums, 0, WordSums.bytesFor(bytes), true);
  }

  private free(handle: Handle): void {
    this.shop.storage.give(this.resident(handle).buffer);
    this.shop.live.delete(handle);
  }

  /** Zeroes what a reused buffer held, when it is first used and not overwritten whole. */
  private clean(resident: Resident): void {
    if (!resident.stale) return;
    this.open().clearBuffer(resident.buffer);
    this.touched.add(resident.buffer);
    resident.stale = false;
  }

  private resident(handle: Handle): Resident {
    return this.shop.live.get(handle)!;
  }

  private open(): GPUCommandEncoder {
    this.encoder ??= this.shop.device.createCommandEncoder({ label: this.program.label });
    return this.encoder;
  }

  private flush(): void {
    if (this.encoder !== undefined) this.shop.device.queue.submit([this.encoder.finish()]);
    this.encoder = undefined;
    this.touched.clear();
    for (const pool of [this.shop.storage, this.shop.uniforms, this.shop.staging]) pool.settle();
  }
}

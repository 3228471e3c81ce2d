// The compute port on a GPU: programs recorded whole, submitted without waiting, results read back when they are asked for.
import type {
  BackendInfo,
  ComputeBackend,
  Handle,
  KernelCall,
  KernelProfile,
  Program,
  ProgramResult,
} from '../compute/backend.js';
import { DeviceCapacityError, DeviceError } from '../compute/device-error.js';
import { ProfileSums } from '../compute/profile-sums.js';
import { ProgramValidator } from '../compute/validate-program.js';
import { CodedError } from '../errors.js';
import type { AdapterChoice } from './adapters.js';
import { BufferPool } from './buffer-pool.js';
import { type OpenDevice, openDevice } from './device.js';
import { GpuError } from './gpu-error.js';
import { KernelClock } from './kernel-clock.js';
import { gpuKernels } from './kernels/index.js';
import { Pipelines, type ShaderOverride } from './pipelines.js';
import { type PendingRead, planKernels, Recorder, type Resident, type Workshop } from './recorder.js';
import { UploadStaging } from './upload-staging.js';
import { addedUp, WordSums } from './word-sums.js';

export interface WebgpuOptions extends AdapterChoice {
  readonly shaderOverride?: ShaderOverride;
}

/** Error scopes around every program, outermost first; they are popped in reverse. */
const SCOPES = ['validation', 'out-of-memory', 'internal'] as const;

/** Bytes of free buffers kept for reuse. */
const MAX_IDLE_BYTES = 2 ** 28;
/** Uploads that the device has not consumed yet lie in host memory: beyond this a submit waits. */
const MAX_UPLOADS_IN_FLIGHT = 2 ** 28;
/** The loss of a device is reported a little after the calls that fail of it. */
const LOSS_NOTICE_MS = 500;

/** A program that was handed to the device. */
interface Submission {
  readonly recorder: Recorder;
  /** Verdicts of the error scopes, innermost first. */
  readonly scopes: Promise<(GPUError | null)[]>;
  readonly clock: KernelClock | undefined;
  /** `performance.now()` at submission. */
  readonly started: number;
  /** What recording itself threw. */
  readonly thrown: unknown;
}

/** Opens the adapter that fits and a backend on it. Throws GpuError as `openDevice` does. */
export async function createWebgpuBackend(options: WebgpuOptions = {}): Promise<ComputeBackend> {
  return new WebgpuBackend(await openDevice(options), options.shaderOverride);
}

/**
 * ComputeBackend on an open device, which it owns from then on. Failures are GpuErrors (`gpu_shader_error`, `gpu_device_lost`,
 * `gpu_program_failed`) or DeviceCapacityErrors (`gpu_out_of_memory`); faults of the program itself are ProgramErrors of the port.
 */
export class WebgpuBackend implements ComputeBackend {
  readonly info: BackendInfo;
  private readonly shop: Workshop;
  private readonly live = new Map<Handle, Resident>();
  private readonly validator: ProgramValidator;
  private readonly profile = new ProfileSums();
  private readonly pending = new Set<Promise<unknown>>();
  private readonly idleClocks: KernelClock[] = [];
  private uploadsInFlight = 0;
  private closing: Promise<void> | undefined;

  constructor(
    private readonly open: OpenDevice,
    shaderOverride?: ShaderOverride,
  ) {
    const { device, provider } = open;
    const usage = provider.bufferUsage;
    const pool = (flags: number) => new BufferPool(device, flags, MAX_IDLE_BYTES);
    this.shop = {
      device,
      pipelines: new Pipelines(device, shaderOverride),
      wordSums: new WordSums(device),
      storage: pool(usage.STORAGE | usage.COPY_SRC | usage.COPY_DST),
      uniforms: pool(usage.UNIFORM | usage.COPY_DST),
      staging: pool(usage.MAP_READ | usage.COPY_DST),
      uploads: new UploadStaging(device, provider),
      live: this.live,
      profile: this.profile,
    };
    this.info = {
      name: 'webgpu',
      device: open.adapter,
      hardware: open.hardware,
      threads: 1,
      // WebGPU does not tell the size of the device's memory; one largest buffer is what it promises.
      limits: {
        maxBufferBytes: open.maxBindableBytes,
        maxResidentBytes: device.limits.maxBufferSize,
        onHost: false,
      },
    };
    this.validator = new ProgramValidator(this.info.limits);
  }

  /** Every stem has a shader. */
  supports(): true {
    return true;
  }

  async prepare(calls: readonly KernelCall[]): Promise<void> {
    const { pipelines, wordSums } = this.shop;
    const prepared = calls.map(({ stem, params }) =>
      pipelines.prepare(stem, gpuKernels[stem].variantFor(params)),
    );
    await this.track(Promise.allSettled([...prepared, wordSums.prepare()]));
  }

  async submit(program: Program): Promise<ProgramResult> {
    // Up to the first `await` all is synchronous: uploads are taken, and the order of calls is the order of the queue.
    if (this.closing) throw new CodedError('compute_backend_closed', { backend: 'webgpu' });
    const fault = this.open.fault();
    if (fault !== undefined) throw fault;
    this.validator.check(program);
    let reads: readonly PendingRead[];
    try {
      const submission = this.record(program);
      ({ reads } = submission.recorder);
      const timed = this.track(this.enterTimes(submission));
      await this.track(this.complete(program, submission));
      // Without reads nothing waits for the device; with them the times have arrived as well.
      if (reads.length > 0) await timed;
    } catch (error) {
      this.abandon(program);
      throw error;
    }
    if (!program.lend) return { reads: reads.map((read) => this.takeOut(read)) };
    await this.track(this.lend(reads, program.lend));
    return { reads: [] };
  }

  resident(): { handles: number; bytes: number } {
    let bytes = 0;
    for (const resident of this.live.values()) bytes += resident.bytes;
    return { handles: this.live.size, bytes };
  }

  takeProfile(): KernelProfile[] {
    return this.profile.take();
  }

  /** Waits for what was submitted, then gives the device back. Handles still live go with it. */
  close(): Promise<void> {
    this.closing ??= this.release();
    return this.closing;
  }

  private async release(): Promise<void> {
    await Promise.allSettled(this.pending);
    for (const { buffer } of this.live.values()) buffer.destroy();
    this.live.clear();
    this.emptyPools();
    this.open.close();
  }

  private emptyPools(): void {
    const { storage, uniforms, staging, uploads } = this.shop;
    for (const pool of [storage, uniforms, staging, uploads]) pool.empty();
  }

  /** Submits the program's commands under error scopes. */
  private record(program: Program): Submission {
    const { device } = this.shop;
    const kernels = planKernels(program, device);
    const started = performance.now();
    for (const filter of SCOPES) device.pushErrorScope(filter);
    const clock = this.clockFor(program.ops.filter(({ op }) => op === 'kernel').length);
    const recorder = new Recorder(this.shop, program, kernels, clock);
    let thrown: unknown;
    try {
      recorder.run();
    } catch (error) {
      thrown = error;
    }
    for (const buffer of recorder.staged) void this.track(this.shop.uploads.giveBack(buffer));
    const scopes = Promise.all(SCOPES.map(() => device.popErrorScope()));
    return { recorder, scopes, clock, started, thrown };
  }

  private clockFor(kernels: number): KernelClock | undefined {
    if (!this.open.hasTimestamps || kernels === 0) return undefined;
    const fits = this.idleClocks.findIndex(({ capacity }) => capacity >= kernels);
    if (fits >= 0) return this.idleClocks.splice(fits, 1)[0];
    return new KernelClock(this.shop.device, this.open.provider, kernels);
  }

  /** Waits for what the program must wait for: verdicts of the error scopes, reads, room for further uploads. */
  private async complete(program: Program, { recorder, scopes, thrown }: Submission): Promise<void> {
    const { queue } = this.shop.device;
    try {
      await this.judge(program, recorder, await scopes, thrown);
      this.uploadsInFlight += recorder.uploadedBytes;
      const consumed = this.track(
        queue.onSubmittedWorkDone().finally(() => {
          this.uploadsInFlight -= recorder.uploadedBytes;
        }),
      );
      const { READ } = this.open.provider.mapMode;
      await Promise.all(recorder.reads.map(({ staging, bytes }) => staging.mapAsync(READ, 0, bytes)));
      if (this.uploadsInFlight > MAX_UPLOADS_IN_FLIGHT) await consumed;
    } catch (error) {
      for (const { staging } of recorder.reads) this.shop.staging.drop(staging);
      throw error instanceof DeviceError ? error : await this.explain(program, error);
    }
  }

  /** Throws the most telling of the errors that a program met. */
  private async judge(
    program: Program,
    recorder: Recorder,
    errors: readonly (GPUError | null)[],
    thrown: unknown,
  ): Promise<void> {
    for (const { problem } of recorder.used) {
      const complaint = await problem;
      if (complaint !== undefined) throw complaint;
    }
    const outOfMemory = errors[SCOPES.length - 1 - SCOPES.indexOf('out-of-memory')];
    if (outOfMemory !== null) {
      // The program may have left buffers there that were never made.
      this.emptyPools();
      throw new DeviceCapacityError('gpu_out_of_memory', {
        program: program.label,
        wantedBytes: recorder.allocatedBytes,
        residentBytes: this.resident().bytes - recorder.allocatedBytes,
        allowedBytes: this.info.limits.maxResidentBytes,
        reason: outOfMemory.message,
      });
    }
    const other = thrown ?? errors.find((error) => error !== null);
    if (other !== undefined) throw other;
  }

  /** Copies what has arrived out of its staging buffer, which goes back to the pool. */
  private takeOut(read: PendingRead): Float32Array | Uint32Array {
    const taken = this.profile.timed('read_back', read.bytes, () => mapped(read).slice());
    this.handBack(read);
    return taken;
  }

  /** Lends what has arrived where it lies: in the staging buffers. */
  private async lend(reads: readonly PendingRead[], to: NonNullable<Program['lend']>): Promise<void> {
    for (const { bytes } of reads) this.profile.timed('read_back', bytes, () => undefined);
    try {
      await to(reads.map(mapped));
    } finally {
      for (const read of reads) this.handBack(read);
    }
  }

  private handBack({ staging }: PendingRead): void {
    staging.unmap();
    this.shop.staging.give(staging);
  }

  /** Enters the times of a program's kernels; of one that failed there are none, and its error tells why. */
  private async enterTimes({ recorder, clock, started }: Submission): Promise<void> {
    const { calls } = recorder;
    if (clock !== undefined) {
      const seconds = await clock.collect().catch(() => undefined);
      if (seconds === undefined) return;
      calls.forEach((call, i) => this.profile.add({ ...call, calls: 1, seconds: seconds[i] ?? 0 }));
      this.idleClocks.push(clock);
      return;
    }
    await this.shop.device.queue.onSubmittedWorkDone();
    const elapsed = (performance.now() - started) / 1e3;
    const all = calls.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const call of calls) {
      this.profile.add({ ...call, calls: 1, seconds: (elapsed * call.bytes) / all });
    }
  }

  /** Makes the loss of the device, or else the failure of the program, out of whatever a call failed with. */
  private async explain(program: Program, thrown: unknown): Promise<GpuError> {
    const notice = new Promise((resolve) => setTimeout(resolve, LOSS_NOTICE_MS));
    await Promise.race([this.shop.device.lost, notice]);
    const reason = hasMessage(thrown) ? thrown.message : String(thrown);
    return this.open.fault() ?? new GpuError('gpu_program_failed', { program: program.label, reason });
  }

  /** Leaves nothing of a failed program: its allocs go, and its frees take effect, as the caller counts them done. */
  private abandon(program: Program): void {
    this.validator.abandon(program);
    for (const op of program.ops) {
      if (op.op !== 'alloc' && op.op !== 'free') continue;
      const resident = this.live.get(op.handle);
      if (resident === undefined) continue;
      this.live.delete(op.handle);
      this.shop.storage.drop(resident.buffer);
    }
  }

  /** Keeps sight of work that `close` has to wait for. */
  private track<T>(work: Promise<T>): Promise<T> {
    this.pending.add(work);
    const forget = () => this.pending.delete(work);
    work.then(forget, forget);
    return work;
  }
}

/** A read in its staging buffer, which is mapped; of a sum, its two words. */
function mapped({ staging, handle, bytes, sum }: PendingRead): Float32Array | Uint32Array {
  const range = staging.getMappedRange(0, bytes);
  if (sum) return addedUp(new Uint32Array(range));
  return handle.element === 'f32' ? new Float32Array(range) : new Uint32Array(range);
}

/** GPUError is no Error, yet has a message. */
function hasMessage(thrown: unknown): thrown is { readonly message: string } {
  return typeof thrown === 'object' && thrown !== null && 'message' in thrown;
}

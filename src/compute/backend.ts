// The port that the pipeline owns: a backend runs programs over named device-resident handles. Implemented by src/gpu and
// src/cpu-fallback, which do not know each other.
import type { MessagePort, Worker } from 'node:worker_threads';
import type { ElementType } from './contract.js';
import type { KernelStem } from './contracts/index.js';

export type BackendName = 'webgpu' | 'wasm' | 'gpujs' | 'reference';

/** A buffer that lives on the device from its `alloc` to its `free`; `length` counts elements of 4 bytes. */
export interface Handle {
  readonly label: string;
  readonly element: ElementType;
  readonly length: number;
}

/** One operation of a program; operations take effect in order. */
export type Op =
  /**
   * Creates the buffer, zero-filled. A handle is allocated once. `late` says that kernels only fill it for a stack that is to come: a backend may leave that till then, and until
   * then keeps of what they read what it needs, though it is freed.
   */
  | { readonly op: 'alloc'; readonly handle: Handle; readonly late?: boolean }
  /**
   * Copies bytes to element `offset` of the buffer, so many `times` one after the other (once unless told). The data has been taken when `submit`
   * returns its promise.
   */
  | {
      readonly op: 'upload';
      readonly handle: Handle;
      readonly data: ArrayBufferView;
      readonly offset?: number;
      readonly times?: number;
    }
  /** Runs a kernel; `buffers` maps every role of its contract to a handle. */
  | {
      readonly op: 'kernel';
      readonly stem: KernelStem;
      readonly params: Readonly<Record<string, number>>;
      readonly buffers: Readonly<Record<string, Handle>>;
    }
  /**
   * Copies `length` elements from `offset` back; the result stands in `ProgramResult` in the order of the reads. With `sum`, of a buffer of u32, only
   * their exact sum comes back, in the two words of `wordSum`.
   */
  | {
      readonly op: 'read';
      readonly handle: Handle;
      readonly offset?: number;
      readonly length?: number;
      readonly sum?: boolean;
    }
  | { readonly op: 'free'; readonly handle: Handle };

/** Memory that is filled to be uploaded. */
export interface UploadMemory {
  /**
   * So many bytes, which hold anything. They are their taker's until it gives them back, or a program uploads them, from their beginning and once, as all of a buffer that nothing
   * has looked at: from `submit` on they are the backend's.
   */
  take(bytes: number): Uint8Array;
  /** Takes back what `take` has given. What has been uploaded may be given, too. */
  give(taken: Uint8Array): void;
}

/** A kernel and what decides how it is built. */
export interface KernelCall {
  readonly stem: KernelStem;
  readonly params: Readonly<Record<string, number>>;
}

export interface Program {
  /** Names the work in profiles and errors. */
  readonly label: string;
  readonly ops: readonly Op[];
  /**
   * Takes the reads where they lie instead of having them returned; they stand behind all uploads and kernels of such a program. The arrays may be the backend's own
   * memory: they may be altered, and are not to be looked at any more once the promise has settled. What it rejects with, `submit` rejects with.
   */
  readonly lend?: (reads: ProgramResult['reads'], rows?: RowBand) => Promise<void>;
  /**
   * Given where all reads but sums are `[planes, height, width]` and may be lent in bands of rows, one after the other, so that there is never memory for all of them: `lend` is called for
   * each band then, with all reads of these rows, sums too, or as ever, once and without a band.
   */
  readonly lendsRows?: { readonly planes: number; readonly height: number };
}

/** Whole rows of what is lent, in all planes. */
export interface RowBand {
  readonly first: number;
  readonly count: number;
}

export interface ProgramResult {
  /** One array per `read`, in order; the caller owns them. None where they were lent. */
  readonly reads: readonly (Float32Array | Uint32Array)[];
}

/** What a buffer that is allocated late takes until it is stacked, where the stack does its warps: bytes. Its own size must not be above `maxBufferBytes` though it may lie nowhere: it does as soon as anything else is to look at it. */
export interface LateCubes {
  /** For every pixel of the window of each warp; and where it is decoded from int16 samples and goes to the warp with its hot pixels fixed at most. */
  readonly windowPixelBytes: number;
  readonly storedPixelBytes: number;
  /** For every warp. */
  readonly slotBytes: number;
  /** Beside that for every warp while they are stacked, but not above `handMostBytes` in all as long as it can do with `handLeastBytes` for each. */
  readonly handBytes: number;
  readonly handLeastBytes: number;
  readonly handMostBytes: number;
  /** For every pixel of a window under one block. */
  readonly partPixelBytes: number;
}

export interface BackendLimits {
  /** Largest buffer one kernel may bind, in bytes. */
  readonly maxBufferBytes: number;
  /** Bytes the backend can keep resident at once, as far as it is known. */
  readonly maxResidentBytes: number;
  /** True where buffers are memory of this process. */
  readonly onHost: boolean;
  /** Absent where such a buffer takes its own size. With it, a guard and a clip are one, which takes nothing but the results that are read. */
  readonly lateCubes?: LateCubes;
}

export interface BackendInfo {
  readonly name: BackendName;
  /** Adapter, processor or mode that does the work, in its maker's words. */
  readonly device: string;
  /** False for a software adapter: `auto` never chooses one. */
  readonly hardware: boolean;
  readonly threads: number;
  readonly limits: BackendLimits;
}

/** Time and traffic since the last call of `takeProfile`. */
export interface KernelProfile {
  /** A kernel; or the bytes of programs that went to the device and came back, whose time is that of the host's copies. */
  readonly stem: KernelStem | 'upload' | 'read_back';
  readonly calls: number;
  /** Seconds on the device where it can be measured (`timestamp-query`), else on the host. */
  readonly seconds: number;
  /** Bytes that the calls read and write (`trafficBytes`), or copied. */
  readonly bytes: number;
}

/** A module that a thread is to go on with: `serve` of what it exports gets a port, and what is told it. */
export interface ThreadModule {
  /** Path of the file. */
  readonly file: string;
  /** In a form that messages take. */
  readonly start: unknown;
}

/** A thread that a backend has given away, and the other end of its module's port. What asks it for something is heard once it has loaded. */
export interface GivenThread {
  readonly worker: Worker;
  readonly port: MessagePort;
}

/**
 * Runs programs. Guarantees: operations of one backend take effect in the order of submission; the result of a kernel depends on
 * its inputs only (same bytes whatever the thread count or timing, per backend and device); blank values travel as
 * `BLANK_VALUE`, never as NaN. A failure rejects the promise with a CodedError and leaves no handle of that program behind.
 */
export interface ComputeBackend {
  readonly info: BackendInfo;
  /** True, or the locale key that says why this backend cannot run the kernel. */
  supports(stem: KernelStem): true | { readonly reason: string };
  /** Makes kernels ready for calls that are to come, side by side; else each is made ready when it is first called. One that is bad fails its call, not this. */
  prepare?(calls: readonly KernelCall[]): Promise<void>;
  /** Where there is any, what is uploaded from it needs no copy. */
  readonly uploadMemory?: UploadMemory;
  /** Queues a program whole; resolves when its reads have arrived (or, without reads, when it is safe to reuse uploads). */
  submit(program: Program): Promise<ProgramResult>;
  /** Number and bytes of live handles; 0 after every free (leak check). */
  resident(): { readonly handles: number; readonly bytes: number };
  takeProfile(): KernelProfile[];
  /** Gives away one of its threads, which computes nothing any more and ends when its new owner has it end. Undefined where there is none to spare, or kernels run. */
  giveThread?(module: ThreadModule): GivenThread | undefined;
  close(): Promise<void>;
}

// The connection to the process that owns the device: its socket, the memory that both share, and who waits for an answer.
import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { BackendInfo, KernelCall, ProgramResult } from '../../compute/backend.js';
import { ProfileSums } from '../../compute/profile-sums.js';
import type { AdapterChoice, AdapterSummary } from '../adapters.js';
import { GpuError } from '../gpu-error.js';
import { type Answer, fromWireError, readBytes, type Request } from './messages.js';
import { SharedMemory } from './shared-memory.js';
import type { Region } from './shared-regions.js';
import { FrameReader, sendFrame } from './wire.js';

/** Sources and built program lie at the same depth; the process runs what the build has made. */
const DEVICE_PROCESS = fileURLToPath(new URL('../../../dist/gpu/process/device-process.js', import.meta.url));
/** A process that was asked to end and does not is ended after this. */
const END_MS = 10_000;
/** A driver that has not said by then what adapters there are, or opened one, never will: a cold start of one takes seconds. */
const ANSWER_MS = 60_000;
/** The same for programs: hardware takes seconds for the longest. Counted in parts, so that a machine that slept is not taken for a driver that hangs. */
const WORK_MS = 300_000;
const WORK_PARTS = 10;
/** A software adapter computes what a GPU does in a second for minutes. */
const SOFTWARE_PATIENCE = 12;
const BYTES = 4;
/** Less than this goes over the socket, with the program. */
const SHARED_BYTES = 2 ** 16;

/** What stands in for the process, in tests. */
export interface DeviceProcessOptions {
  readonly module?: string;
  /** Longest time until it answers that the device is open, or what adapters there are. */
  readonly answerMs?: number;
  /** Longest time without an answer while programs wait for one, on hardware. */
  readonly workMs?: number;
  /** False: everything goes over the socket, as where there is no shared memory. */
  readonly shares?: boolean;
  /** Aborted: the process is ended, or not begun. */
  readonly signal?: AbortSignal;
}

interface Waiting {
  readonly resolve: (arrived: Arrived) => void;
  readonly reject: (error: Error) => void;
  readonly uploads: Region | undefined;
  readonly reads: Region | undefined;
}

/** An answer with its body, and where in the shared memory its reads lie. */
export interface Arrived {
  readonly answer: Extract<Answer, { reads: unknown }>;
  readonly body: Uint8Array;
  readonly reads: Region | undefined;
}

/** The process, its socket, and who waits for an answer. */
export class Connection {
  readonly profile = new ProfileSums();
  private readonly shared: SharedMemory | undefined;
  private readonly child: ChildProcess;
  private readonly socket: Socket;
  private readonly ended: Promise<void>;
  private readonly waiting = new Map<number, Waiting>();
  /** Who asked something other than a program to be run. */
  private asking: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined;
  private submissions = 0;
  private device = 'GPU';
  private death: GpuError | undefined;
  private ending = false;
  private over: Promise<void> | undefined;
  private readonly answerMs: number;
  private workMs: number;
  /** Runs while programs wait; `quietParts` have gone by since the last answer. */
  private watch: NodeJS.Timeout | undefined;
  private quietParts = 0;

  constructor({
    module = DEVICE_PROCESS,
    answerMs = ANSWER_MS,
    workMs = WORK_MS,
    shares = true,
    signal,
  }: DeviceProcessOptions) {
    // an abort that came before is told to no listener
    signal?.throwIfAborted();
    this.answerMs = answerMs;
    this.workMs = workMs;
    // What a driver prints is no result of ours: it goes where messages go.
    this.shared = shares ? SharedMemory.open() : undefined;
    this.child = spawn(process.execPath, [module], {
      stdio: ['ignore', 2, 2, 'pipe', this.shared?.fd ?? 'ignore'],
    });
    this.socket = this.child.stdio[3] as Socket;
    const reader = new FrameReader((head, body) => this.answered(head as Answer, body));
    this.socket.on('data', (chunk: Uint8Array) => reader.take(chunk));
    // The end of the process tells more than a broken pipe.
    this.socket.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      const end = (reason: string) => {
        this.die(reason);
        resolve();
      };
      this.child.on('exit', (code, signal) => end(signal ?? `exit ${code}`));
      this.child.on('error', (error) => end(error.message));
    });
    this.child.unref();
    signal?.addEventListener('abort', () => this.child.kill('SIGKILL'));
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  throwIfEnded(): void {
    if (this.death) throw this.death;
  }

  async open(choice: AdapterChoice): Promise<BackendInfo> {
    const { opened } = (await this.ask({ open: choice })) as Extract<Answer, { opened: unknown }>;
    this.device = opened.device;
    if (!opened.hardware) this.workMs *= SOFTWARE_PATIENCE;
    return opened;
  }

  async listAdapters(): Promise<readonly AdapterSummary[]> {
    const { adapters } = (await this.ask({ list: true })) as Extract<Answer, { adapters: unknown }>;
    return adapters;
  }

  prepare(calls: readonly KernelCall[]): void {
    if (this.death) return;
    this.send({ prepare: calls });
    this.settle();
  }

  /** The data of the uploads has been taken when this returns. */
  submit(
    label: string,
    ops: Extract<Request, { submit: number }>['ops'],
    data: readonly Uint8Array[],
  ): Promise<Arrived> {
    return new Promise((resolve, reject) => {
      const id = this.submissions++;
      const bytes = data.reduce((sum, { byteLength }) => sum + byteLength, 0);
      const uploads = bytes < SHARED_BYTES ? undefined : this.shared?.put(data);
      const asked = readBytes(ops);
      const reads = asked < SHARED_BYTES ? undefined : this.shared?.take(asked);
      this.waiting.set(id, { resolve, reject, uploads, reads });
      this.watch ??= this.startWatch();
      this.send({ submit: id, label, ops, uploads, reads }, uploads ? undefined : Buffer.concat(data));
    });
  }

  /** The reads of an answer, in `room` where they are not in its body. */
  async take({ answer, body, reads }: Arrived, room: ArrayBuffer): Promise<ProgramResult['reads']> {
    if (!reads || !answer.areShared) {
      this.shared?.give(reads);
      return readsOf(answer, body);
    }
    const into = new Uint8Array(room, 0, reads.bytes);
    const start = performance.now();
    await this.shared!.read(reads, into);
    const seconds = (performance.now() - start) / 1e3;
    this.profile.add({ stem: 'read_back', calls: 0, seconds, bytes: 0 });
    this.shared!.give(reads);
    return readsOf(answer, into);
  }

  /** Waits for what was submitted, then ends the process; resolves when it is gone. */
  end(): Promise<void> {
    this.over ??= this.finish();
    return this.over;
  }

  private async finish(): Promise<void> {
    if (!this.death) {
      this.ending = true;
      this.send({ close: true });
      const late = setTimeout(() => this.child.kill('SIGKILL'), END_MS);
      await this.ended;
      clearTimeout(late);
    }
    await this.shared?.close();
  }

  private async ask(request: Request): Promise<Answer> {
    const late = setTimeout(() => this.giveUp(this.answerMs), this.answerMs);
    try {
      return await new Promise((resolve, reject) => {
        if (this.death) return reject(this.death);
        this.asking = { resolve, reject };
        this.send(request);
      });
    } finally {
      clearTimeout(late);
    }
  }

  private startWatch(): NodeJS.Timeout {
    this.quietParts = 0;
    return setInterval(() => {
      if (++this.quietParts >= WORK_PARTS) this.giveUp(this.workMs);
    }, this.workMs / WORK_PARTS);
  }

  private endWatch(): void {
    clearInterval(this.watch);
    this.watch = undefined;
  }

  /** The driver hangs: its process goes, and all who wait learn it. */
  private giveUp(afterMs: number): void {
    this.child.kill('SIGKILL');
    this.fail(
      new GpuError('gpu_process_silent', { adapter: this.device, seconds: Math.round(afterMs / 1000) }),
    );
    // a process that a driver holds in the kernel outlives its signal, and must not keep this one
    this.child.unref();
  }

  private send(request: Request, body?: Uint8Array): void {
    // Somebody waits: the event loop must not run out.
    this.child.ref();
    this.socket.ref();
    sendFrame(this.socket, request, body);
  }

  private answered(answer: Answer, body: Uint8Array): void {
    this.quietParts = 0;
    if ('reads' in answer) {
      for (const entry of answer.profile) this.profile.add(entry);
      const waiting = this.answeredTo(answer.submit);
      waiting?.resolve({ answer, body, reads: waiting.reads });
    } else if (!('failure' in answer)) {
      this.asking?.resolve(answer);
    } else if (answer.submit === undefined) {
      this.asking?.reject(fromWireError(answer.failure));
    } else {
      const waiting = this.answeredTo(answer.submit);
      this.shared?.give(waiting?.reads);
      waiting?.reject(fromWireError(answer.failure));
    }
    this.settle();
  }

  private answeredTo(id: number): Waiting | undefined {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    this.shared?.give(waiting?.uploads);
    return waiting;
  }

  /** An idle device keeps no process alive. */
  private settle(): void {
    if (this.waiting.size > 0) return;
    this.endWatch();
    if (this.ending) return;
    this.child.unref();
    this.socket.unref();
  }

  private die(reason: string): void {
    this.fail(new GpuError('gpu_process_ended', { adapter: this.device, reason }));
  }

  private fail(error: GpuError): void {
    if (this.death) return;
    this.death = error;
    this.endWatch();
    this.asking?.reject(this.death);
    for (const { reject } of this.waiting.values()) reject(this.death);
    this.waiting.clear();
    this.socket.destroy();
  }
}

/** Bytes of the reads that `take` needs room for. */
export const bytesOf = ({ reads }: Arrived): number => reads?.bytes ?? 0;

/** Views of the bytes that hold them one after the other. */
function readsOf({ reads }: Arrived['answer'], body: Uint8Array): ProgramResult['reads'] {
  let at = body.byteOffset;
  return reads.map(({ element, bytes }) => {
    const start = at;
    at += bytes;
    const length = bytes / BYTES;
    const buffer = body.buffer as ArrayBuffer;
    return element === 'f32'
      ? new Float32Array(buffer, start, length)
      : new Uint32Array(buffer, start, length);
  });
}

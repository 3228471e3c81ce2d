// The process that owns the GPU device: a driver that crashes ends this one, not the run. Started by process-backend.ts with a socket as file
// descriptor 3, and shared memory as 4 where there is any; ends with that socket, so that nothing of it outlives a run, however that ends.
import net from 'node:net';
import type { ComputeBackend, Handle, ProgramResult } from '../../compute/backend.js';
import { listAdapters } from '../adapters.js';
import { createWebgpuBackend } from '../webgpu-backend.js';
import { type Answer, lends, type Request, toWireError, unpackProgram } from './messages.js';
import { SharedUploads, writeShared } from './shared-memory.js';
import type { Region } from './shared-regions.js';
import { FrameReader, sendFrame } from './wire.js';

/** Bytes read from the socket at once: frames are windows of some megabytes. */
const CHUNK_BYTES = 2 ** 20;
const SHARED = 4;

// Ctrl-C and a closed terminal reach the whole group of processes: the run decides what they mean and ends this process.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

const handles = new Map<number, Handle>();
const sharedUploads = new SharedUploads(SHARED);
/** While pipelines are compiled. */
let preparing: Promise<void> | undefined;
/** Programs that have not been answered. */
const answering = new Set<Promise<void>>();
let backend: ComputeBackend | undefined;

const reader = new FrameReader((head, body) => void serve(head as Request, body));
// `onread` is documented for connections only, and taken by the constructor all the same.
const options: net.SocketConstructorOpts & Pick<net.ConnectOpts, 'onread'> = {
  fd: 3,
  readable: true,
  writable: true,
  onread: {
    buffer: new Uint8Array(CHUNK_BYTES),
    callback: (bytes, chunk) => {
      reader.take(chunk.subarray(0, bytes));
      return true;
    },
  },
};
const socket = new net.Socket(options);
// The run is gone, in whatever way: nobody waits for anything here.
socket.on('close', () => process.exit(0));
socket.on('end', () => process.exit(0));
socket.on('error', () => process.exit(1));
socket.resume();

async function serve(request: Request, body: Uint8Array): Promise<void> {
  if ('open' in request) {
    await answerFirst(async () => {
      backend = await createWebgpuBackend(request.open);
      return { opened: backend.info };
    });
  } else if ('list' in request) {
    await answerFirst(async () => ({ adapters: await listAdapters() }));
  } else if ('prepare' in request) {
    // whoever waits for this must not be overtaken when an earlier one is through
    const all = Promise.all([preparing, backend!.prepare!(request.prepare)]).then(() => {
      if (preparing === all) preparing = undefined;
    });
    preparing = all;
  } else if ('close' in request) {
    await Promise.all(answering);
    await backend?.close();
    socket.end(() => process.exit(0));
  } else {
    const answered = submit(request, body);
    answering.add(answered);
    await answered;
    answering.delete(answered);
  }
}

async function answerFirst(work: () => Promise<Answer>): Promise<void> {
  try {
    answer(await work());
  } catch (error) {
    answer({ failure: toWireError(error) });
  }
}

/** Up to the call of the backend all is synchronous, or waits for the same: programs take effect in the order of the frames. */
async function submit(request: Extract<Request, { submit: number }>, body: Uint8Array): Promise<void> {
  const { submit: id, label, ops, uploads, reads: room } = request;
  try {
    if (preparing) await preparing;
    const program = unpackProgram(label, ops, uploads ? sharedUploads.read(uploads) : body, handles);
    let out = { reads: [] as Sent['reads'], areShared: false, body: undefined as Uint8Array | undefined };
    // straight from the memory that the device has written
    const lend = async (reads: ProgramResult['reads']) => void (out = await sendable(reads, room));
    const { reads } = await backend!.submit(lends(ops) ? { ...program, lend } : program);
    if (!lends(ops)) out = await sendable(reads, room);
    const { body: inBody, ...sent } = out;
    answer({ submit: id, ...sent, profile: backend!.takeProfile() }, inBody);
  } catch (error) {
    for (const op of ops) if (op.op === 'alloc') handles.delete(op.id);
    answer({ submit: id, failure: toWireError(error) });
  }
}

type Sent = Pick<Extract<Answer, { reads: unknown }>, 'reads' | 'areShared'>;

/** Puts reads where the run finds them: into the shared memory, or into a body of its own. */
async function sendable(
  reads: ProgramResult['reads'],
  room: Region | undefined,
): Promise<Sent & { readonly body: Uint8Array | undefined }> {
  const described = reads.map((read) => ({
    element: read instanceof Float32Array ? ('f32' as const) : ('u32' as const),
    bytes: read.byteLength,
  }));
  const parts = reads.map(
    ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
  );
  const areShared = room !== undefined && (await writeShared(SHARED, room, parts));
  return { reads: described, areShared, body: areShared ? undefined : Buffer.concat(parts) };
}

function answer(message: Answer, body?: Uint8Array): void {
  sendFrame(socket, message, body);
}

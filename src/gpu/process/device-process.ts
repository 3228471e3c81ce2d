// The process that owns the GPU device: a driver that crashes ends this one, not the run. Started by process-backend.ts with a socket as file
// descriptor 3; ends with that socket, so that nothing of it outlives a run, however that ends.
import net from 'node:net';
import type { ComputeBackend, Handle } from '../../compute/backend.js';
import { listAdapters } from '../adapters.js';
import { createWebgpuBackend } from '../webgpu-backend.js';
import { type Answer, type Request, toWireError, unpackProgram } from './messages.js';
import { FrameReader, sendFrame } from './wire.js';

/** Bytes read from the socket at once: frames are windows of some megabytes. */
const CHUNK_BYTES = 2 ** 20;

// Ctrl-C and a closed terminal reach the whole group of processes: the run decides what they mean and ends this process.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

const handles = new Map<number, Handle>();
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
  } else if ('close' in request) {
    await backend?.close();
    socket.end(() => process.exit(0));
  } else {
    await submit(request, body);
  }
}

async function answerFirst(work: () => Promise<Answer>): Promise<void> {
  try {
    answer(await work());
  } catch (error) {
    answer({ failure: toWireError(error) });
  }
}

/** Up to the call of the backend all is synchronous: programs take effect in the order of the frames. */
async function submit(
  { submit: id, label, ops }: Extract<Request, { submit: number }>,
  body: Uint8Array,
): Promise<void> {
  try {
    const { reads } = await backend!.submit(unpackProgram(label, ops, body, handles));
    const profile = backend!.takeProfile();
    const described = reads.map((read) => ({
      element: read instanceof Float32Array ? ('f32' as const) : ('u32' as const),
      bytes: read.byteLength,
    }));
    answer({ submit: id, reads: described, profile }, joined(reads));
  } catch (error) {
    for (const op of ops) if (op.op === 'alloc') handles.delete(op.id);
    answer({ submit: id, failure: toWireError(error) });
  }
}

function joined(reads: readonly (Float32Array | Uint32Array)[]): Uint8Array {
  const parts = reads.map(
    ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
  );
  return parts.length === 1 ? parts[0] : Buffer.concat(parts);
}

function answer(message: Answer, body?: Uint8Array): void {
  sendFrame(socket, message, body);
}

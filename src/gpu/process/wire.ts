// How two processes talk over one socket: frames of a JSON head and raw bytes, so that pixels are never turned into text.
import type { Socket } from 'node:net';

/** Lengths of head and body: two little-endian float64, exact for any size. */
const PREFIX_BYTES = 16;

/** Sends a frame. The bytes must not change until the socket has taken them. */
export function sendFrame(socket: Socket, head: object, body?: Uint8Array): void {
  const text = Buffer.from(JSON.stringify(head));
  const start = Buffer.alloc(PREFIX_BYTES + text.byteLength);
  start.writeDoubleLE(text.byteLength, 0);
  start.writeDoubleLE(body?.byteLength ?? 0, 8);
  text.copy(start, PREFIX_BYTES);
  socket.write(start);
  if (body && body.byteLength > 0) socket.write(body);
}

/** Puts frames together from chunks of any size; a body is copied once, into memory of its own. */
export class FrameReader {
  private readonly prefix = new Uint8Array(PREFIX_BYTES);
  private head: Uint8Array | undefined;
  private body: Uint8Array = this.prefix;
  private filling: Uint8Array = this.prefix;
  private filled = 0;

  constructor(private readonly onFrame: (head: unknown, body: Uint8Array) => void) {}

  take(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.byteLength;) {
      const n = Math.min(this.filling.byteLength - this.filled, chunk.byteLength - at);
      this.filling.set(chunk.subarray(at, at + n), this.filled);
      this.filled += n;
      at += n;
      while (this.filled === this.filling.byteLength) this.next();
    }
  }

  /** Goes from prefix to head to body to the next prefix. */
  private next(): void {
    const done = this.filling;
    this.filled = 0;
    if (done === this.prefix) {
      const lengths = new DataView(this.prefix.buffer);
      this.head = new Uint8Array(lengths.getFloat64(0, true));
      this.body = new Uint8Array(lengths.getFloat64(8, true));
      this.filling = this.head;
      return;
    }
    if (done === this.head && this.body.byteLength > 0) {
      this.filling = this.body;
      return;
    }
    const head: unknown = JSON.parse(Buffer.from(this.head!).toString());
    this.filling = this.prefix;
    this.onFrame(head, this.body);
  }
}

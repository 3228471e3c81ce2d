// What a program brings along, until the shared memory has it.
import type { Op, Program } from '../../compute/backend.js';

export type UploadOp = Extract<Op, { op: 'upload' }>;

/** Data of a program's uploads: the caller's own arrays until it may change them, copies from then on. */
export class Uploads {
  private readonly waiting: Map<UploadOp, Uint8Array>;
  private copied = false;

  constructor(program: Program) {
    const uploads = program.ops.filter((op) => op.op === 'upload');
    this.waiting = new Map(uploads.map((op) => [op, bytesOf(op)]));
  }

  take(op: UploadOp): Uint8Array {
    const bytes = this.waiting.get(op)!;
    this.waiting.delete(op);
    return bytes;
  }

  copyRest(): void {
    if (this.copied) return;
    this.copied = true;
    for (const [op, bytes] of this.waiting) this.waiting.set(op, bytes.slice());
  }
}

function bytesOf({ data }: UploadOp): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

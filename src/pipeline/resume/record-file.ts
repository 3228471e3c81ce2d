// A file of records that only grows: each is whole or not there, whenever its writer was killed.
import { writeSync } from 'node:fs';
import { open, readFile, type FileHandle } from 'node:fs/promises';
import { deserialize, serialize } from 'node:v8';
import { crc32 } from 'node:zlib';
import { diskPatience } from '../../fits/disk-patience.js';

/** Length and CRC-32 of what follows, little-endian. */
const HEAD_BYTES = 8;

/** Plain data and typed arrays, bit for bit. */
export class RecordFile {
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly handle: FileHandle,
    /** What stood in the file, in order; the torn end of a killed writer is cut off. */
    readonly records: readonly unknown[],
  ) {}

  /** Opens the file, made if need be. */
  static async open(file: string): Promise<RecordFile> {
    const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      return Buffer.alloc(0);
    });
    const { records, length } = parse(bytes);
    const handle = await open(file, 'a');
    if (length < bytes.length) await handle.truncate(length);
    return new RecordFile(handle, records);
  }

  /** Adds a record; resolved when the system has it, on the disk when `flush` is set. Records keep the order of the calls. */
  append(record: unknown, { flush = false } = {}): Promise<void> {
    const payload = serialize(record);
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeUInt32LE(payload.length, 0);
    head.writeUInt32LE(crc32(payload), 4);
    const written = this.#queue.then(async () => {
      const bytes = Buffer.concat([head, payload]);
      // a few kB a frame: behind the reads of the thread pool those that come after it would wait for each
      await diskPatience.ask(
        () => writeWhole(this.handle.fd, bytes),
        () => this.handle.appendFile(bytes),
      );
      if (flush) await this.handle.datasync();
    });
    this.#queue = written.catch(() => undefined);
    return written;
  }

  /** Resolved when what was added is on the disk. */
  flush(): Promise<void> {
    const flushed = this.#queue.then(() => this.handle.datasync());
    this.#queue = flushed.catch(() => undefined);
    return flushed;
  }

  async close(): Promise<void> {
    await this.#queue;
    await this.handle.close();
  }
}

function writeWhole(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
}

function parse(bytes: Buffer): { records: unknown[]; length: number } {
  const records: unknown[] = [];
  let at = 0;
  while (at + HEAD_BYTES <= bytes.length) {
    const end = at + HEAD_BYTES + bytes.readUInt32LE(at);
    const payload = bytes.subarray(at + HEAD_BYTES, end);
    if (end > bytes.length || crc32(payload) !== bytes.readUInt32LE(at + 4)) break;
    records.push(deserialize(payload));
    at = end;
  }
  return { records, length: at };
}

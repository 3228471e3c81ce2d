// The file a writer fills: temporary until renamed, written at positions, failures told with the system's reason.
import { randomBytes } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { reasonOf } from '../byte-source.js';
import { FitsError } from '../fits-error.js';

/** Runs a step on `target`; a failure of the system becomes `fits_cannot_write`. */
async function orCannotWrite<T>(target: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (cause) {
    if (cause instanceof FitsError) throw cause;
    throw new FitsError('fits_cannot_write', { file: target, reason: reasonOf(cause) }, { cause });
  }
}

/** What systems answer that cannot flush a directory (Windows, some network shares): the rename is then all there is. */
const CANNOT_SYNC_DIRECTORY = new Set(['EISDIR', 'EPERM', 'EACCES', 'EINVAL', 'ENOTSUP', 'ENOSYS', 'EBADF']);

/** Makes a rename durable where the system can. */
async function syncDirectory(directory: string): Promise<void> {
  try {
    const handle = await open(directory, 'r');
    await handle.sync().finally(() => handle.close());
  } catch (cause) {
    if (!CANNOT_SYNC_DIRECTORY.has(reasonOf(cause))) throw cause;
  }
}

/** Bytes after which the disk is set to work, so that little is left to wait for in the end. */
const FLUSH_BYTES = 1 << 25;

/** A file beside its target; `commit` makes it the target in one step, `abort` removes it. */
export class OutputFile {
  #unflushed = 0;
  #flushing: Promise<void> | undefined;

  private constructor(
    readonly target: string,
    readonly temporaryPath: string,
    readonly handle: FileHandle,
  ) {}

  /** Never opens a file that exists: the temporary name is new, and refused if it is not. */
  static async create(target: string, temporaryPath?: string): Promise<OutputFile> {
    const temporary = temporaryPath ?? `${target}.${randomBytes(4).toString('hex')}.part`;
    return orCannotWrite(target, async () => new OutputFile(target, temporary, await open(temporary, 'wx')));
  }

  async write(bytes: Uint8Array, position: number): Promise<void> {
    await orCannotWrite(this.target, async () => {
      for (let done = 0; done < bytes.length;) {
        const { bytesWritten } = await this.handle.write(bytes, done, bytes.length - done, position + done);
        done += bytesWritten;
      }
    });
    this.#unflushed += bytes.length;
    if (this.#unflushed >= FLUSH_BYTES) await this.#beginFlush();
  }

  /** Begins to flush when the flush before has ended; a failure is told once, by the system and so by the next flush or `commit`. */
  async #beginFlush(): Promise<void> {
    await orCannotWrite(this.target, async () => this.#flushing);
    this.#unflushed = 0;
    // writes side by side may get here together, and the system tells of a failure once
    this.#flushing = Promise.all([this.#flushing, this.handle.datasync()]).then(() => undefined);
    this.#flushing.catch(() => undefined);
  }

  /** Flushes, renames over the target, flushes the directory. */
  async commit(): Promise<void> {
    await orCannotWrite(this.target, async () => {
      await this.#flushing;
      await this.handle.sync();
      await this.handle.close();
      await rename(this.temporaryPath, this.target);
      await syncDirectory(path.dirname(path.resolve(this.target)));
    });
  }

  async abort(): Promise<void> {
    await orCannotWrite(this.target, async () => {
      await this.handle.close();
      await rm(this.temporaryPath, { force: true });
    });
  }
}

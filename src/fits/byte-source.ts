// The one way this room reads: bytes at an offset. A file is read by positioned reads, never whole.
import fs, { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { promisify } from 'node:util';
import { diskPatience } from './disk-patience.js';
import { FitsError } from './fits-error.js';

/** Where bytes come from. Offsets and lengths are in bytes; `size` is fixed at opening. */
export interface ByteSource {
  /** What messages call it: a path, or a name given by the caller. */
  readonly name: string;
  readonly size: number;
  /**
   * Exactly `length` bytes from `offset`: in `target`, which is that long and is returned, or in a buffer of their own (offset 0, free to be changed by
   * the caller). Throws `fits_read_beyond_end` when the source does not hold them all; nothing is allocated before that check.
   */
  getBytes(offset: number, length: number, target?: Uint8Array): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Linux moves at most 2^31 - 4096 bytes a call; 1 GiB keeps clear of it on every system. */
const MAX_BYTES_PER_READ = 1 << 30;

function checkRange(name: string, size: number, offset: number, length: number): void {
  const sane = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0;
  if (!sane || offset + length > size) {
    throw new FitsError('fits_read_beyond_end', { file: name, offset, length, size });
  }
}

/** Bytes that are to be overwritten whole: they hold anything, where clearing them would take as long as reading. */
export function unfilledBytes(length: number): Uint8Array {
  return new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
}

/** A read of more bytes than this is the thread pool's: headers are shorter, samples longer. */
const QUICK_BYTES = 1 << 16;

/** Without waiting for somebody at the other end of a pipe, which is no file; Windows has no such pipes among its files. */
const OPEN_FLAGS = constants.O_RDONLY | ((constants as Partial<typeof constants>).O_NONBLOCK ?? 0);

const readLater = promisify(fs.read);

export interface SourceOptions {
  /** The thread that asks waits for the disk itself, however much it reads: for one that has nothing else to do. The thread pool is four threads for all of a process. */
  readonly readsInPlace?: boolean;
}

/** Opens a file for positioned reads. Throws `fits_cannot_open` with the system's reason. */
export async function openFileSource(
  path: string,
  { readsInPlace = false }: SourceOptions = {},
): Promise<ByteSource> {
  const orCannotOpen = async <T>(step: () => Promise<T>): Promise<T> => {
    try {
      return await step();
    } catch (cause) {
      throw cannotOpen(path, cause);
    }
  };
  const ask: Asking = readsInPlace ? async (call) => call() : (call, later) => diskPatience.ask(call, later);
  const file = await orCannotOpen(() => openedFile(path, ask));
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) throw notAFile(path);
    const read: Reading = (bytes, done, want, at) => {
      const later = async () => (await readLater(file, bytes, done, want, at)).bytesRead;
      const isQuick = readsInPlace || want <= QUICK_BYTES;
      return isQuick ? ask(() => readSync(file, bytes, done, want, at), later) : later();
    };
    return fileSource(path, file, stats.size, orCannotOpen, read);
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

/** What `call` gives at once, or the same by `later`. */
type Asking = <T>(call: () => T, later: () => Promise<T>) => Promise<T>;

async function openedFile(path: string, ask: Asking): Promise<number> {
  const openLater = promisify(fs.open);
  try {
    return await ask(
      () => openSync(path, OPEN_FLAGS),
      () => openLater(path, OPEN_FLAGS),
    );
  } catch (error) {
    // another program holds a lease of it (a server of files for its clients), which it gives up while somebody waits
    if (reasonOf(error) !== 'EAGAIN') throw error;
    return openLater(path, constants.O_RDONLY);
  }
}

/** Reads some of `want` bytes at `at` to `bytes` from `done` on. */
type Reading = (bytes: Uint8Array, done: number, want: number, at: number) => Promise<number>;

function fileSource(
  path: string,
  file: number,
  size: number,
  orCannotOpen: <T>(step: () => Promise<T>) => Promise<T>,
  read: Reading,
): ByteSource {
  // the number of a closed file is the next one's
  let isOpen = true;
  const underWay = new Set<Promise<unknown>>();
  const readSome = async (bytes: Uint8Array, done: number, want: number, at: number): Promise<number> => {
    if (!isOpen) throw Object.assign(new Error('closed'), { code: 'EBADF' });
    const reading = read(bytes, done, want, at);
    // also while it waits for its turn
    underWay.add(reading);
    return reading.finally(() => underWay.delete(reading));
  };
  return {
    name: path,
    size,
    async getBytes(offset, length, target) {
      checkRange(path, size, offset, length);
      const bytes = target ?? unfilledBytes(length);
      let done = 0;
      while (done < length) {
        const want = Math.min(length - done, MAX_BYTES_PER_READ);
        const bytesRead = await orCannotOpen(() => readSome(bytes, done, want, offset + done));
        if (bytesRead === 0) throw cutShort(path, offset, length, done);
        done += bytesRead;
      }
      return bytes;
    },
    async close() {
      if (!isOpen) return;
      isOpen = false;
      await Promise.allSettled(underWay);
      closeSync(file);
    },
  };
}

/**
 * Reads a file at once, in the thread that asks: `read` is given a function that fills `target` from `offset`. Undefined, and nothing read, where the file is not `size` bytes
 * long. Throws as `openFileSource` and `getBytes`.
 */
export function readFileNow<T>(
  path: string,
  size: number,
  read: (fill: (offset: number, target: Uint8Array) => void) => T,
): T | undefined {
  const call = <R>(what: () => R): R => {
    try {
      return what();
    } catch (cause) {
      throw cannotOpen(path, cause);
    }
  };
  const file = call(() => openSync(path, 'r'));
  try {
    const stats = call(() => fstatSync(file));
    if (!stats.isFile()) throw notAFile(path);
    if (stats.size !== size) return undefined;
    return read((offset, target) => {
      checkRange(path, size, offset, target.length);
      for (let done = 0; done < target.length;) {
        const want = Math.min(target.length - done, MAX_BYTES_PER_READ);
        const bytesRead = call(() => readSync(file, target, done, want, offset + done));
        if (bytesRead === 0) throw cutShort(path, offset, target.length, done);
        done += bytesRead;
      }
    });
  } finally {
    closeSync(file);
  }
}

function cannotOpen(file: string, cause: unknown): FitsError {
  return new FitsError('fits_cannot_open', { file, reason: reasonOf(cause) }, { cause });
}

function notAFile(file: string): FitsError {
  return new FitsError('fits_cannot_open', { file, reason: 'EISDIR' });
}

/** The file became shorter after it was opened. */
function cutShort(file: string, offset: number, length: number, done: number): FitsError {
  return new FitsError('fits_read_beyond_end', { file, offset, length, size: offset + done });
}

/** A source over bytes in memory; `getBytes` copies. */
export function memorySource(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    size: bytes.length,
    getBytes(offset, length, target) {
      // Inside a promise, so that a bad range rejects as it does for a file.
      return Promise.resolve().then(() => {
        checkRange(name, bytes.length, offset, length);
        const part = bytes.subarray(offset, offset + length);
        target?.set(part);
        return target ?? Uint8Array.from(part);
      });
    },
    close: () => Promise.resolve(),
  };
}

/** The system's short code of a failure (`ENOENT`, `ENOSPC`, ...), or its text where it has none. */
export function reasonOf(cause: unknown): string {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  return code ?? (cause instanceof Error ? cause.message : String(cause));
}

// The one way this room reads: bytes at an offset. A file is read by positioned reads, never whole.
import { open } from 'node:fs/promises';
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

/** Opens a file for positioned reads. Throws `fits_cannot_open` with the system's reason. */
export async function openFileSource(path: string): Promise<ByteSource> {
  const fail = (cause: unknown) =>
    new FitsError('fits_cannot_open', { file: path, reason: reasonOf(cause) }, { cause });
  const handle = await open(path, 'r').catch((cause: unknown) => {
    throw fail(cause);
  });
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new FitsError('fits_cannot_open', { file: path, reason: 'EISDIR' });
    const { size } = stats;
    return {
      name: path,
      size,
      async getBytes(offset, length, target) {
        checkRange(path, size, offset, length);
        const bytes = target ?? unfilledBytes(length);
        let done = 0;
        while (done < length) {
          const want = Math.min(length - done, MAX_BYTES_PER_READ);
          const { bytesRead } = await handle
            .read(bytes, done, want, offset + done)
            .catch((cause: unknown) => {
              throw fail(cause);
            });
          // The file became shorter after it was opened.
          if (bytesRead === 0) {
            throw new FitsError('fits_read_beyond_end', { file: path, offset, length, size: offset + done });
          }
          done += bytesRead;
        }
        return bytes;
      },
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
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

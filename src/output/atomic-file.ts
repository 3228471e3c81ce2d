// Files appear whole or not at all: written under a temporary name beside the target, flushed, renamed.
import { randomBytes } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { CodedError } from '../errors.js';

/** A final output could not be written; the temporary file has been removed. */
export class OutputError extends CodedError {}

/** Where a file grows until it is whole. */
export interface AtomicOptions {
  /** On the same file system and not there yet; default: the target's name, 8 hex digits, `.part`. */
  readonly temporaryPath?: string;
}

/**
 * Runs `write` on a new empty file and puts that file in the place of `path` (replacing what was there) once
 * `write` has ended and its bytes are on the disk. If anything fails the target is as it was and nothing is left
 * beside it.
 * @throws OutputError `output_write_failed` for a file system error; whatever else `write` throws passes unchanged.
 */
export async function writeAtomically(
  path: string,
  write: (file: FileHandle) => Promise<void>,
  options: AtomicOptions = {},
): Promise<void> {
  const temporary = options.temporaryPath ?? `${path}.${randomBytes(4).toString('hex')}.part`;
  try {
    const file = await open(temporary, 'wx');
    try {
      await write(file);
      await file.sync();
      await file.close();
      await rename(temporary, path);
      await syncDirectory(dirname(resolve(path)));
    } catch (error) {
      await file.close();
      await rm(temporary, { force: true });
      throw error;
    }
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) {
      throw new OutputError('output_write_failed', { path, reason: error.message }, { cause: error });
    }
    throw error;
  }
}

/** Makes the rename itself durable; Windows cannot open a directory and needs no such step. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  await directory.sync().finally(() => directory.close());
}

/** Writes all of `bytes` at the file's current position (a single `write` may be short). */
export async function writeFully(file: FileHandle, bytes: Uint8Array): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, null);
    done += bytesWritten;
  }
}

// How a file is known again: where it lies, its size, and when it was last changed.
import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { diskPatience } from '../fits/disk-patience.js';

/** A file as it was; `modifiedMs`: the time of its last change, milliseconds since 1970. */
export interface FileMark {
  readonly path: string;
  readonly bytes: number;
  readonly modifiedMs: number;
}

export async function fileMark(at: string): Promise<FileMark> {
  const { size, mtimeMs } = await diskPatience.ask(
    () => statSync(at),
    () => stat(at),
  );
  return { path: at, bytes: size, modifiedMs: mtimeMs };
}

/** The same for the same file as it was. */
export function markKey({ path, bytes, modifiedMs }: FileMark): string {
  return `${path} ${bytes} ${modifiedMs}`;
}

/** What is taken of a file, bytes from `start` to before `end`, and what ends the reading with its reason. */
export interface DigestOptions {
  readonly start?: number;
  readonly end?: number;
  readonly signal?: AbortSignal;
}

/** SHA-256 of all that is in the file, or of a part of it, hexadecimal: the same for a file that was only touched, copied or restored. */
export async function fileDigest(
  at: string,
  { start = 0, end, signal }: DigestOptions = {},
): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(at, { start, ...(end !== undefined && { end: end - 1 }) }), hash, {
    signal,
  });
  return hash.digest('hex');
}

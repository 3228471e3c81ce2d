// How a file is known again: where it lies, its size, and when it was last changed.
import { stat } from 'node:fs/promises';

/** A file as it was; `modifiedMs`: the time of its last change, milliseconds since 1970. */
export interface FileMark {
  readonly path: string;
  readonly bytes: number;
  readonly modifiedMs: number;
}

export async function fileMark(at: string): Promise<FileMark> {
  const { size, mtimeMs } = await stat(at);
  return { path: at, bytes: size, modifiedMs: mtimeMs };
}

/** The same for the same file as it was. */
export function markKey({ path, bytes, modifiedMs }: FileMark): string {
  return `${path} ${bytes} ${modifiedMs}`;
}

// The frames that a person leaves out of a run, from a file of one path a line.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { CodedError } from '../errors.js';

/** The file cannot be read. */
export class ExcludeFileError extends CodedError {}

/**
 * Absolute paths that `file` lists, relative ones counted from `inputDir`; empty lines and lines that begin with # are passed
 * over. Without a file none. @throws ExcludeFileError
 */
export async function excludedFrames(
  file: string | undefined,
  inputDir: string,
): Promise<ReadonlySet<string>> {
  if (file === undefined) return new Set();
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new ExcludeFileError('frames_exclude_unreadable', { path: file, reason }, { cause });
  }
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#'));
  return new Set(lines.map((line) => path.resolve(inputDir, line)));
}

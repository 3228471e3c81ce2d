// Any error becomes text for a person: coded ones in their own words, system ones explained, others named as what
// they are, faults of the program.
import type { CodedMessage } from '../config/errors.js';
import { fullDiskBehind } from '../errors.js';
import type { Messages, MessageValue } from './messages.js';

/** System errors that users can do something about; others are shown by their code. */
const SYSTEM_CODES = new Set([
  'EACCES',
  'EPERM',
  'ENOENT',
  'ENOTDIR',
  'EISDIR',
  'EEXIST',
  'ENOSPC',
  'EDQUOT',
  'EROFS',
  'EMFILE',
  'EIO',
]);

interface CodedShape {
  readonly code: string;
  readonly params: Readonly<Record<string, MessageValue>>;
  readonly details?: readonly CodedMessage[];
}

function isCoded(error: unknown): error is CodedShape {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    'params' in error &&
    typeof error.params === 'object' &&
    error.params !== null
  );
}

/**
 * The coded message of an error: its own, or one that describes an error of the system or of the program. Whatever a full disk has kept from being written, it is
 * told as such.
 */
export function codedMessageOf(error: unknown): CodedMessage {
  if (isCoded(error)) {
    // one that tells how much room is missing says it better
    const full = 'neededMib' in error.params ? undefined : fullDiskBehind(error);
    return full ? systemMessage(full, pathOf(error.params)) : { code: error.code, params: error.params };
  }
  if (error instanceof Error && 'code' in error && 'syscall' in error) return systemMessage(error);
  const name = error instanceof Error ? error.name : typeof error;
  const detail = error instanceof Error ? error.message : String(error);
  return { code: 'report_error_unexpected', params: { name, detail } };
}

/** The file that an error is about, by the names that errors have for it. */
function pathOf({ path, file }: CodedShape['params']): string | undefined {
  const named = path ?? file;
  return typeof named === 'string' ? named : undefined;
}

function systemMessage(error: Error, path?: string): CodedMessage {
  const code = 'code' in error ? String(error.code) : '';
  const called = 'syscall' in error ? String(error.syscall) : '';
  return {
    code: 'report_error_system',
    params: {
      reason: SYSTEM_CODES.has(code) ? code : 'other',
      errno: code,
      path: path ?? ('path' in error ? String(error.path) : called),
    },
  };
}

/**
 * The text of any error, one line, and one more line for each of its details (all wrong values of a configuration).
 */
export function renderError(error: unknown, messages: Messages): string {
  const lines = [messages.message(codedMessageOf(error))];
  if (isCoded(error)) for (const detail of error.details ?? []) lines.push(`  - ${messages.message(detail)}`);
  return lines.join('\n');
}

// A run's name: sortable by its start, and short enough at the end to close a file name.
import { randomBytes } from 'node:crypto';

/** Run ids as they stand in journals and file names. */
export const RUN_ID = /^\d{8}T\d{6}Z-[0-9a-f]{8}$/;

/** A new run id, `yyyymmddThhmmssZ-xxxxxxxx` (UTC start and 8 random hexadecimal digits). */
export function newRunId(now: Date = new Date()): string {
  const stamp = now
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:]/g, '');
  return `${stamp}-${randomBytes(4).toString('hex')}`;
}

/** The 8 hexadecimal digits that close the names of a run's files. */
export function shortRunId(runId: string): string {
  return runId.slice(-8);
}

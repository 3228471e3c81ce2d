// Is there room? Asked before a big file is created, and answered with the same typed error when a disk fills later.
import { statfs } from 'node:fs/promises';
import { CodedError } from '../errors.js';

/** The disk of a directory cannot take what is needed. */
export class DiskSpaceError extends CodedError {}

const MIB = 1024 * 1024;

/** Left free on any disk: logs, reports and the rest of the system go on writing. */
export const DISK_RESERVE_BYTES = 64 * MIB;

/** Free bytes for an ordinary user on the disk of `dir`. */
export async function freeBytesOf(dir: string): Promise<number> {
  const disk = await statfs(dir);
  return disk.bavail * disk.bsize;
}

/**
 * Throws `DiskSpaceError` when `neededBytes` and a reserve of 64 MiB do not fit the disk of `dir`.
 * `promisedBytes` are already spoken for on it: sparse files that are not filled yet.
 */
export async function requireDiskSpace(dir: string, neededBytes: number, promisedBytes = 0): Promise<void> {
  const free = (await freeBytesOf(dir)) - promisedBytes;
  // The reserve is said as part of what is needed: a disk that shows free room is not called one without.
  const withReserve = neededBytes + DISK_RESERVE_BYTES;
  if (withReserve > free) throw diskSpaceError(dir, withReserve, Math.max(0, free));
}

/** The typed error for a disk without room. */
export function diskSpaceError(
  dir: string,
  neededBytes: number,
  freeBytes: number,
  cause?: unknown,
): DiskSpaceError {
  const mib = (bytes: number): number => Math.ceil(bytes / MIB);
  return new DiskSpaceError(
    'cleanup_disk_space',
    { directory: dir, neededMib: mib(neededBytes), freeMib: Math.floor(freeBytes / MIB) },
    { cause },
  );
}

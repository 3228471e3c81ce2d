// Is there room? Asked before a big file is created, and answered with the same typed error when a disk fills later.
import { statfs } from 'node:fs/promises';
import path from 'node:path';
import { CodedError, fullDiskBehind } from '../errors.js';

/** The disk of a directory cannot take what is needed. */
export class DiskSpaceError extends CodedError {}

const MIB = 1024 * 1024;

const mibUp = (bytes: number): number => Math.ceil(bytes / MIB);

/** Left free on any disk: logs, reports and the rest of the system go on writing. */
export const DISK_RESERVE_BYTES = 64 * MIB;

/** Free bytes for an ordinary user on the disk of `dir`. */
export async function freeBytesOf(dir: string): Promise<number> {
  const disk = await statfs(dir);
  return disk.bavail * disk.bsize;
}

/** The same of a disk that has just refused to take more: none where it does not answer, for that it is full stands. */
export function freeBytesOfFull(dir: string): Promise<number> {
  return freeBytesOf(dir).catch(() => 0);
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

/**
 * What a full disk that `error` comes of is told as, of `file` and of what its disk must have room for to go on, the reserve of 64 MiB with it; other errors are
 * as they were. Asked when what was half written is gone.
 */
export async function orDiskFull(error: unknown, file: string, neededBytes: number): Promise<unknown> {
  if (error instanceof DiskSpaceError || !fullDiskBehind(error)) return error;
  const freeBytes = await freeBytesOfFull(path.dirname(file));
  return new DiskSpaceError(
    'cleanup_disk_full',
    { path: file, neededMib: mibUp(neededBytes + DISK_RESERVE_BYTES), freeMib: Math.floor(freeBytes / MIB) },
    { cause: error },
  );
}

/** The typed error for a disk without room. */
export function diskSpaceError(
  dir: string,
  neededBytes: number,
  freeBytes: number,
  cause?: unknown,
): DiskSpaceError {
  return new DiskSpaceError(
    'cleanup_disk_space',
    { directory: dir, neededMib: mibUp(neededBytes), freeMib: Math.floor(freeBytes / MIB) },
    { cause },
  );
}

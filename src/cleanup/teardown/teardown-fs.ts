// The few calls by which a teardown changes a disk, in one place, so that a test can make any of them fail.
import { lstat, readdir, rmdir, unlink } from 'node:fs/promises';
import type { BigIntStats } from 'node:fs';

/** File system calls of the teardown; paths are absolute. */
export interface TeardownFs {
  lstat(path: string): Promise<BigIntStats>;
  readdir(path: string): Promise<string[]>;
  unlink(path: string): Promise<void>;
  rmdir(path: string): Promise<void>;
}

/** The real ones. */
export const nodeFs: TeardownFs = {
  lstat: (path) => lstat(path, { bigint: true }),
  readdir: (path) => readdir(path),
  unlink: (path) => unlink(path),
  rmdir: (path) => rmdir(path),
};

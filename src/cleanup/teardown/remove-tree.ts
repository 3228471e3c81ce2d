// Deletes a folder with all that is in it and nothing beyond: links are removed and never followed, other disks
// mounted inside are not entered, and a folder that is swapped for a link meanwhile is not walked into.
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../paths.js';
import type { TeardownFs } from './teardown-fs.js';

/** What came of it. */
export interface TreeRemoval {
  readonly bytes: number;
  readonly failed: readonly { readonly path: string; readonly reason: string; readonly code: string }[];
}

/**
 * Deletes the tree at `root`, an entry of identity `dev`/`ino`, except the paths in `spare` and the folders that
 * lead to them. Goes on after a failure and names each.
 */
export async function removeTree(
  fs: TeardownFs,
  root: string,
  identity: { readonly dev: bigint; readonly ino: bigint },
  spare: ReadonlySet<string>,
): Promise<TreeRemoval> {
  const failed: { path: string; reason: string; code: string }[] = [];
  let bytes = 0;

  const fail = (at: string, error: unknown): void => {
    const code = systemCode(error);
    if (code === '') throw error;
    failed.push({ path: at, reason: 'cleanup_reason_system_refused', code });
  };

  /** Empties the folder `logical`, reached as `real`; true when nothing is left in it. */
  const empty = async (logical: string, real: string, dev: bigint, ino: bigint): Promise<boolean> => {
    const handle = await open(
      real,
      constants.O_RDONLY | (constants.O_DIRECTORY ?? 0) | (constants.O_NOFOLLOW ?? 0),
    );
    try {
      const opened = await handle.stat({ bigint: true });
      if (opened.dev !== dev || opened.ino !== ino) {
        failed.push({ path: logical, reason: 'cleanup_reason_replaced', code: '' });
        return false;
      }
      // Names below the open folder itself: whatever happens to the path meanwhile, this folder is meant.
      const base = process.platform === 'linux' ? `/proc/self/fd/${handle.fd}` : real;
      let isEmpty = true;
      for (const name of await fs.readdir(base)) {
        const gone = await removeEntry(path.join(logical, name), path.join(base, name), dev);
        isEmpty &&= gone;
      }
      return isEmpty;
    } finally {
      await handle.close();
    }
  };

  const removeEntry = async (logical: string, real: string, dev: bigint): Promise<boolean> => {
    if (spare.has(logical)) return false;
    try {
      const stats = await fs.lstat(real);
      if (stats.isDirectory()) {
        if (stats.dev !== dev) {
          failed.push({ path: logical, reason: 'cleanup_reason_other_disk', code: '' });
          return false;
        }
        if (!(await empty(logical, real, dev, stats.ino))) return false;
        await fs.rmdir(real);
        return true;
      }
      await fs.unlink(real);
      bytes += stats.isFile() ? Number(stats.size) : 0;
      return true;
    } catch (error) {
      if (isGone(error)) return true;
      fail(logical, error);
      return false;
    }
  };

  try {
    if (await empty(root, root, identity.dev, identity.ino)) await fs.rmdir(root);
  } catch (error) {
    if (!isGone(error)) fail(root, error);
  }
  return { bytes, failed };
}

/** Not "no such folder": that is what a link in the place of a folder looks like, and it must be told. */
function isGone(error: unknown): boolean {
  return systemCode(error) === 'ENOENT';
}

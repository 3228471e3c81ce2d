// A folder of tiles appears whole, in the place of the one that an earlier run has left.
import { mkdir, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { OutputError } from '../atomic-file.js';
import { BUILDER } from './properties.js';

/**
 * Runs `write` on the new folder `temporary` and puts it in the place of `target`. A folder that stands there is replaced only when its
 * `properties` say that this program made it.
 * @throws OutputError `output_tree_not_ours`, `output_write_failed`; `target` is then as it was.
 */
export async function putTree(
  target: string,
  temporary: string,
  write: (dir: string) => Promise<unknown>,
): Promise<void> {
  const hasOld = await isOurs(target);
  try {
    await mkdir(temporary);
    await write(temporary);
    if (hasOld) await rm(target, { recursive: true });
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (error instanceof Error && 'syscall' in error)
      throw new OutputError('output_write_failed', { path: target, reason: error.message }, { cause: error });
    throw error;
  }
}

/** True where an older tree of ours stands, false where nothing does. */
async function isOurs(target: string): Promise<boolean> {
  const found = await stat(target).catch(ignoreMissing);
  if (!found) return false;
  const properties = await readFile(path.join(target, 'properties'), 'utf8').catch(ignoreMissing);
  if (properties && new RegExp(`^hips_builder *= ${BUILDER}`, 'm').test(properties)) return true;
  throw new OutputError('output_tree_not_ours', { path: target });
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
  throw error;
}

/** Bytes of all files below a folder. */
export async function treeBytes(dir: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) bytes += (await stat(path.join(entry.parentPath, entry.name))).size;
  return bytes;
}

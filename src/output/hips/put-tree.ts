// A folder of tiles appears whole, in the place of the one that an earlier run has left.
import { cp, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { OutputError } from '../atomic-file.js';
import { isOwnTree } from './own-tree.js';

/** What a tree of ours consists of; anything else in it was put there by others (a page that shows it, for instance). */
const OWN_ENTRY = /^(properties|Norder\d+|Allsky\..*|Moc\.fits)$/;

/**
 * Runs `write` on a new folder and puts it in the place of `target`. A folder that stands there is replaced only when its `properties` say that this
 * program made it, and goes when the new one stands; what others have put into it is in the new one too. All that is temporary lies in
 * `temporary`, a free name beside it that holds the run's id (`OutputInProgress`). No file system of Node's exchanges two folders at once, so for a moment
 * the old one stands under the name of `previousOf`: killed at any step, one of the two is there whole, and `recoverTree` puts it in its place.
 * @throws OutputError `output_tree_not_ours`, `output_write_failed`; `target` is then as it was.
 */
export async function putTree(
  target: string,
  temporary: string,
  write: (dir: string) => Promise<unknown>,
): Promise<void> {
  const hasOld = await hasOwnTree(target);
  const [made, old] = [path.join(temporary, 'new'), previousOf(temporary)];
  try {
    await mkdir(made, { recursive: true });
    await write(made);
    if (hasOld) {
      await copyForeign(target, made);
      await rename(target, old);
    }
    try {
      await rename(made, target);
    } catch (error) {
      if (hasOld) await rename(old, target);
      throw error;
    }
    // what is removed piece by piece is out of the way first
    if (hasOld) await rename(old, path.join(temporary, 'old'));
    await rm(temporary, { recursive: true });
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (error instanceof Error && 'syscall' in error)
      throw new OutputError('output_write_failed', { path: target, reason: error.message }, { cause: error });
    throw error;
  }
}

/** Where the old tree stands while the new one takes its place: hidden, and with the run's id, so that it is no name that a person gives a copy. */
export function previousOf(temporary: string): string {
  return temporary.replace(/\.part$/, '') + PREVIOUS;
}

const PREVIOUS = '.previous';
/** The run's id as the names of temporary files hold it. */
const SHORT_RUN_ID = /^[0-9a-f]{8}$/;

/**
 * Ends what runs that were killed have left half done: an old tree is put back where no new one stands (the newest of several), and goes where one does.
 * While one of `liveRuns` (short ids) has its old tree there, nothing is touched. @throws OutputError `output_tree_not_ours` as `hasOwnTree`
 */
export async function recoverTree(target: string, liveRuns: ReadonlySet<string>): Promise<void> {
  const found = await treesSetAside(target);
  if (found.some(({ run }) => liveRuns.has(run))) return;
  let stands = await hasOwnTree(target);
  for (const { at } of found) {
    if (stands) await removeTree(at);
    else await rename(at, target);
    stands = true;
  }
}

/** Old trees under names of `previousOf`, the newest first. */
async function treesSetAside(target: string): Promise<{ at: string; run: string; mtimeMs: number }[]> {
  const [folder, start] = [path.dirname(target), `.${path.basename(target)}.`];
  const found = [];
  for (const name of await readdir(folder)) {
    if (!name.startsWith(start) || !name.endsWith(PREVIOUS)) continue;
    const [run, at] = [name.slice(start.length, -PREVIOUS.length), path.join(folder, name)];
    if (SHORT_RUN_ID.test(run) && (await isOwnTree(at)))
      found.push({ at, run, mtimeMs: (await stat(at)).mtimeMs });
  }
  return found.sort((a, b) => b.mtimeMs - a.mtimeMs);
}

/** Its signature last: killed meanwhile, the rest is still known for ours. */
async function removeTree(at: string): Promise<void> {
  for (const name of await readdir(at))
    if (name !== 'properties') await rm(path.join(at, name), { recursive: true });
  await rm(at, { recursive: true });
}

/** True where an older tree of ours stands, false where nothing does. @throws OutputError `output_tree_not_ours` where anything else does. */
export async function hasOwnTree(target: string): Promise<boolean> {
  const found = await stat(target).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  if (!found) return false;
  if (await isOwnTree(target)) return true;
  throw new OutputError('output_tree_not_ours', { path: target });
}

async function copyForeign(from: string, to: string): Promise<void> {
  for (const name of await readdir(from)) {
    if (OWN_ENTRY.test(name)) continue;
    const options = { recursive: true, preserveTimestamps: true, verbatimSymlinks: true };
    await cp(path.join(from, name), path.join(to, name), options);
  }
}

/** Bytes of all files below a folder. */
export async function treeBytes(dir: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) bytes += (await stat(path.join(entry.parentPath, entry.name))).size;
  return bytes;
}

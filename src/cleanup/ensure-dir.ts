// Folders that must exist before work begins, and the error that names the setting when one cannot be used.
import { access, chmod, constants, mkdir, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { CodedError } from '../errors.js';
import { identify, isMissing, systemCode } from './paths.js';

/** A folder that the settings name cannot be used. */
export class DirectoryError extends CodedError {}

/** The folders that `mkdir -p dir` would make, the innermost first. */
export async function missingFolders(dir: string): Promise<string[]> {
  const missing: string[] = [];
  for (let at = dir; identify(at) === null; at = path.dirname(at)) missing.push(at);
  return missing;
}

/**
 * Makes `dir` and the folders above that are missing, and says whether `dir` itself was made. Not by `mkdir`'s own `recursive`: that tries for
 * ever where a folder that is there takes no new one and says ENOENT (`/proc`), and says ENOENT too where a file system is read-only (EROFS).
 */
export async function makeFolders(dir: string): Promise<boolean> {
  let made = false;
  for (const folder of (await missingFolders(dir)).reverse())
    made = await mkdir(folder).then(
      () => true,
      (error: unknown) => {
        if (systemCode(error) !== 'EEXIST') throw error;
        return false;
      },
    );
  return made;
}

/**
 * Makes `dir` if need be and checks that files can be made in it. `setting` is the configuration key to name.
 * With `shared`, a folder made here is open to all users of the machine, like the system's temporary directory.
 */
export async function ensureDir(dir: string, setting: string, shared = false): Promise<void> {
  try {
    const madeHere = await makeFolders(dir);
    if (shared && madeHere) await chmod(dir, 0o1777);
    if (!(await stat(dir)).isDirectory())
      throw new DirectoryError('cleanup_directory_unusable', refusal('ENOTDIR'));
    await access(dir, constants.W_OK | constants.X_OK);
  } catch (error) {
    if (systemCode(error) === '' || error instanceof DirectoryError) throw error;
    throw new DirectoryError('cleanup_directory_unusable', refusal(systemCode(error)), { cause: error });
  }

  function refusal(code: string): { directory: string; setting: string; code: string } {
    return { directory: dir, setting, code };
  }
}

/** Removes the folders that are empty; those that are not, or that others hold, stay. */
export async function removeEmpty(dirs: readonly string[]): Promise<void> {
  for (const dir of [...dirs].sort((a, b) => b.length - a.length)) {
    try {
      await rmdir(dir);
    } catch (error) {
      const stays = ['ENOTEMPTY', 'EEXIST', 'EACCES', 'EPERM', 'EBUSY'].includes(systemCode(error));
      if (!stays && !isMissing(error)) throw error;
    }
  }
}

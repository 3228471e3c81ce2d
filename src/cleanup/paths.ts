// Paths compared by what they really are: links, `..`, relative forms and (where the system knows) letter case
// are resolved before anything is decided about a path.
import { lstatSync, realpathSync } from 'node:fs';
import path from 'node:path';

/**
 * The absolute path with every link of its existing part resolved; the part that does not exist yet is kept as
 * written (after `..` is resolved). Asked at once, as `identify` does: of every input of a run more than once. The native variant also returns the true letter case on
 * case-insensitive systems.
 */
export function realPathOf(given: string): string {
  const absolute = path.resolve(given);
  try {
    return realpathSync.native(absolute);
  } catch (error) {
    const parent = path.dirname(absolute);
    if (parent === absolute || !isMissing(error)) return absolute;
    return path.join(realPathOf(parent), path.basename(absolute));
  }
}

/** Where an entry itself stands: its folder resolved, by `folderOf` where that is given, its own last component not followed. */
export function realEntryPath(given: string, folderOf: (folder: string) => string = realPathOf): string {
  const absolute = path.resolve(given);
  return path.join(folderOf(path.dirname(absolute)), path.basename(absolute));
}

/** True when `inner` is `outer` or stands anywhere below it. Both must already be real paths. */
export function isSameOrInside(inner: string, outer: string): boolean {
  if (inner === outer) return true;
  // Where letter case counts, the paths' own text tells; asked of every artefact of every journal, the rest would take longer than the teardown.
  if (path.sep === '/') return inner.startsWith(outer === '/' ? outer : `${outer}/`);
  const relative = path.relative(outer, inner);
  return (
    relative !== '' &&
    relative !== '..' &&
    !relative.startsWith(`..${path.sep}`) &&
    !path.isAbsolute(relative)
  );
}

/** What stands at a path, links not followed. */
export type EntryType = 'file' | 'directory' | 'link' | 'other';

/** An entry's type and identity; `dev` and `ino` tell whether it is still the same one later. */
export interface EntryIdentity {
  readonly type: EntryType;
  readonly dev: bigint;
  readonly ino: bigint;
}

/**
 * The entry at `entryPath` without following links, or null when nothing is there. Asked at once: a teardown asks for hundreds one after the other, and a call that waits
 * for another thread takes ten times as long.
 */
export function identify(entryPath: string): EntryIdentity | null {
  try {
    const found = lstatSync(entryPath, { bigint: true });
    const type = found.isSymbolicLink()
      ? 'link'
      : found.isDirectory()
        ? 'directory'
        : found.isFile()
          ? 'file'
          : 'other';
    return { type, dev: found.dev, ino: found.ino };
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** The system's error code (`ENOENT`, `ENOSPC`, ...), or the empty string. */
export function systemCode(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return typeof code === 'string' ? code : '';
}

/** True for "there is no such file or folder". */
export function isMissing(error: unknown): boolean {
  const code = systemCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

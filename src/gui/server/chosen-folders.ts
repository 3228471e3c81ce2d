// What the page may read: files below folders that the user chose, and nothing that a link leads out of them.
import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { HttpError } from './http-error.js';

export class ChosenFolders {
  readonly #roots = new Set<string>();

  /** Opens a folder to the page; its real path. @throws HttpError when it is not there or no folder. */
  async choose(dir: string): Promise<string> {
    const real = await folderAt(dir);
    this.#roots.add(real);
    return real;
  }

  /** The real path of a chosen folder or one below. @throws HttpError */
  async folder(given: string): Promise<string> {
    const real = await folderAt(given);
    this.#require(real);
    return real;
  }

  /** The real path of a regular file inside a chosen folder. @throws HttpError */
  async file(given: string): Promise<string> {
    if (!path.isAbsolute(given) || given.includes('\0'))
      throw new HttpError(400, 'gui_error_request', { what: 'path' });
    const real = await realpath(given).catch(() => undefined);
    // What lies outside and what is not there look the same from outside.
    if (real === undefined) throw new HttpError(403, 'gui_error_not_chosen');
    this.#require(real);
    if (!(await stat(real)).isFile()) throw new HttpError(403, 'gui_error_not_chosen');
    return real;
  }

  #require(real: string): void {
    for (const root of this.#roots) {
      const relative = path.relative(root, real);
      if (relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative)) return;
    }
    throw new HttpError(403, 'gui_error_not_chosen');
  }
}

async function folderAt(given: string): Promise<string> {
  if (!path.isAbsolute(given) || given.includes('\0'))
    throw new HttpError(400, 'gui_error_request', { what: 'path' });
  const real = await realpath(given).catch(() => undefined);
  const found = real === undefined ? undefined : await stat(real).catch(() => undefined);
  if (real === undefined || !found?.isDirectory())
    throw new HttpError(404, 'gui_error_no_folder', { path: given });
  return real;
}

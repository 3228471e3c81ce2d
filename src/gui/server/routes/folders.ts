// Routes of the folder browser: names of folders may be looked at everywhere, files only in folders that were chosen.
import { access, constants, mkdir, readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { FolderListing } from '../../api.js';
import { textOf } from '../exchange.js';
import { HttpError } from '../http-error.js';
import type { Routes } from '../routes.js';

const FITS = /\.(fits?|fts)(\.(fz|gz|bz2|z))?$|\.fz$/i;
/** More folders than anyone scrolls through. */
const MOST_FOLDERS = 5000;

export const folderRoutes: Routes = {
  async 'GET /api/folders'(exchange) {
    exchange.json(await listFolder(exchange.query('path')));
  },

  async 'POST /api/folders/create'(exchange) {
    const body = await exchange.body();
    const [parent, name] = [textOf(body, 'path'), textOf(body, 'name')];
    if (
      !path.isAbsolute(parent) ||
      name === '' ||
      name === '.' ||
      name === '..' ||
      path.basename(name) !== name
    )
      throw new HttpError(400, 'gui_error_request', { what: 'name' });
    const at = path.join(parent, name);
    await mkdir(at);
    exchange.json(await listFolder(at));
  },

  async 'POST /api/folders/choose'(exchange, session) {
    exchange.json({ path: await session.chosen.choose(textOf(await exchange.body(), 'path')) });
  },
};

async function listFolder(given: string): Promise<FolderListing> {
  if (!path.isAbsolute(given) || given.includes('\0'))
    throw new HttpError(400, 'gui_error_request', { what: 'path' });
  const at = await realpath(given).catch(() => {
    throw new HttpError(404, 'gui_error_no_folder', { path: given });
  });
  if (!(await stat(at)).isDirectory()) throw new HttpError(404, 'gui_error_no_folder', { path: given });
  const entries = await readdir(at, { withFileTypes: true });
  const folders: string[] = [];
  let fits = 0;
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    const folder =
      entry.isDirectory() ||
      (entry.isSymbolicLink() && (await stat(path.join(at, entry.name)).catch(() => null))?.isDirectory());
    if (folder) folders.push(entry.name);
    else if (FITS.test(entry.name)) fits++;
  }
  const parent = path.dirname(at);
  return {
    path: at,
    parent: parent === at ? null : parent,
    folders: folders.sort((a, b) => a.localeCompare(b)).slice(0, MOST_FOLDERS),
    fits,
    writable: await access(at, constants.W_OK).then(
      () => true,
      () => false,
    ),
  };
}

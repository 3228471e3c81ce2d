// The page itself: a few files that Vite built, read once. What is served is looked up by name, so no path is ever made of a request.
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { CodedError } from '../../errors.js';

export interface PageFile {
  readonly content: Buffer;
  readonly type: string;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The page was not built. */
export class PageError extends CodedError {}

/** All files of the page by the path of their URL. @throws PageError */
export async function loadPage(): Promise<ReadonlyMap<string, PageFile>> {
  // src/gui/server and dist/gui/server are both three folders below the package's root.
  const root = fileURLToPath(new URL('../../../dist/gui/page/', import.meta.url));
  const files = new Map<string, PageFile>();
  const visit = async (dir: string, url: string): Promise<void> => {
    for (const entry of await readdir(dir, { withFileTypes: true })) {
      const at = path.join(dir, entry.name);
      const type = TYPES[path.extname(entry.name)];
      if (entry.isDirectory()) await visit(at, `${url}${entry.name}/`);
      else if (type !== undefined) files.set(`${url}${entry.name}`, { content: await readFile(at), type });
    }
  };
  await visit(root, '/').catch((cause: unknown) => {
    throw new PageError('gui_error_not_built', { command: 'npm run build' }, { cause });
  });
  const index = files.get('/index.html');
  if (!index) throw new PageError('gui_error_not_built', { command: 'npm run build' });
  files.set('/', index);
  return files;
}

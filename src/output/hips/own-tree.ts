// Whether a folder is a HiPS that this program has made: told by the line `hips_builder` of its `properties`.
import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** By this name the program signs its trees. */
export const BUILDER = 'ZeMosaic';

/** False where there is no such folder, or none with `properties`. Rejects where that cannot be read. */
export async function isOwnTree(dir: string): Promise<boolean> {
  const properties = await readFile(path.join(dir, 'properties'), 'utf8').catch(ignoreMissing);
  return properties !== undefined && new RegExp(`^hips_builder *= ${BUILDER}`, 'm').test(properties);
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(error.code ?? '')) return undefined;
  throw error;
}

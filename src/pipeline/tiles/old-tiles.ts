// Tiles that an earlier run has left beside those of this one: whoever reads the folder again would count their frames twice.
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { openFits } from '../../fits/open-fits.js';

/** Names of the tiles that `MasterTiles` writes, of any mode. */
const TILE_NAME = /^(master|sds)_tile_\d{3,}\.fits$/;

/** Removes the tiles in `dir` that this program has made and that are not among `written`, by their names; returns how many. What others have put there stays. */
export async function removeOldTiles(dir: string, written: ReadonlySet<string>): Promise<number> {
  let removed = 0;
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    if (!entry.isFile() || !TILE_NAME.test(entry.name) || written.has(entry.name)) continue;
    const at = path.join(dir, entry.name);
    if (!(await isOwn(at))) continue;
    await rm(at);
    removed++;
  }
  return removed;
}

/** By the cards that `provenanceCards` writes: the second is no other program's. A file that cannot be read is not known to be ours. */
async function isOwn(at: string): Promise<boolean> {
  const file = await openFits(at).catch(() => undefined);
  if (!file) return false;
  const { header } = file.hdus[0];
  await file.close();
  return header.getString('CREATOR')?.startsWith('ZeMosaic ') === true && header.has('ZMCONFIG');
}

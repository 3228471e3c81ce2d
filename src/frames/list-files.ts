// The FITS files under the input folders, in one canonical order.
import { realpathSync, statSync, type Stats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { CodedError } from '../errors.js';
import { diskPatience } from '../fits/disk-patience.js';
import { isOwnTree } from '../output/hips/own-tree.js';
import type { FileMark } from './file-mark.js';
import type { FrameReason } from './frame-reason.js';

const FITS_NAME = /\.(fits?|fts)(\.(fz|gz|bz2|z))?$|\.fz$/i;

/** Names that the program gives to what it makes beside its outputs; such a file or folder is never an input. */
const OWN_ARTIFACT =
  /^(mosaic_first_.*|sum_[0-9a-f]{8}\.fits|.*global_mosaic_wcs.*|(mosaic|coverage|zemosaic)_.*\.dat|.*_(science|viewer|aesthetic|coverage|uncertainty|rejected_low|rejected_high)\.fits?(\.fz)?)$/i;

/** Among them the one that can be a tile of a larger mosaic. */
const OWN_SCIENCE = /_science\.fits?(\.fz)?$/i;

/** Its path is absolute, as the folder was named, links not resolved. */
export interface ListedFile extends FileMark {
  /** Path below the input, `/` between its parts: names the file in messages and decides the order. */
  readonly relative: string;
}

export interface FileListing {
  readonly files: readonly ListedFile[];
  /** Folders and files that could not be read, what has a file's name but is none, and what stands in the input but is the program's own. */
  readonly passedOver: readonly { readonly path: string; readonly reason: FrameReason }[];
}

export interface ListOptions {
  /** Folders that are not descended into (output, runtime and memmap folders); the input itself always is. */
  readonly skip?: readonly string[];
  /** Science images of this program are inputs like any other: they are tiles. */
  readonly tiles?: boolean;
}

/**
 * Every FITS file (.fits .fit .fts, also .fz .gz .bz2 .Z) at or below `input`, a folder or a single file. Order: by the parts of the relative
 * path compared by UTF-16 code unit, the same on every machine and in every locale. Symbolic links are followed; a folder that was met before
 * (a loop, or two links to one place) is entered once, a file reached twice is listed once. Hidden entries are left out. Throws
 * `frames_input_unreadable` when `input` itself cannot be read.
 */
export async function listFiles(input: string, options: ListOptions = {}): Promise<FileListing> {
  const root = path.resolve(input);
  const files: ListedFile[] = [];
  const passedOver: { path: string; reason: FrameReason }[] = [];
  const seen = new Set<string>();
  const skip = new Set(await Promise.all((options.skip ?? []).map(canonical)));
  const passOver = (at: string, code: string, params = {}) => {
    passedOver.push({ path: at, reason: { code, params: { path: at, ...params } } });
  };

  const visit = async (at: string, relative: string): Promise<void> => {
    const { info, real } = await placeOf(at);
    if (seen.has(real) || (at !== root && skip.has(real))) return;
    seen.add(real);
    if (info.isFile()) {
      if (!FITS_NAME.test(at)) return;
      const isTile = options.tiles && OWN_SCIENCE.test(at);
      if (OWN_ARTIFACT.test(path.basename(at)) && !isTile) passOver(at, 'frames_reject_own_product');
      else files.push({ path: at, relative, bytes: info.size, modifiedMs: info.mtimeMs });
      return;
    }
    if (!info.isDirectory()) {
      if (FITS_NAME.test(at)) passOver(at, 'frames_reject_not_a_file');
      return;
    }
    const names = (await readdir(at)).filter((name) => !name.startsWith('.')).sort(byCodeUnit);
    if (names.includes('properties') && (await isOwnTree(at)))
      return passOver(at, 'frames_reject_own_product');
    for (const name of names) {
      const child = path.join(at, name);
      if (/^mosaic_first_/i.test(name)) {
        passOver(child, 'frames_reject_own_product');
        continue;
      }
      const tiles = options.tiles && OWN_SCIENCE.test(name) && name.replace(OWN_SCIENCE, '_master_tiles');
      if (tiles && names.includes(tiles) && (await holdsFits(path.join(at, tiles)))) {
        passOver(child, 'frames_reject_science_of_tiles', { tiles });
        continue;
      }
      await visit(child, relative === '' ? name : `${relative}/${name}`).catch((error: unknown) => {
        passOver(child, 'frames_reject_path_unreadable', { reason: systemReason(error) });
      });
    }
  };

  await visit(root, '').catch((error: unknown) => {
    throw new CodedError(
      'frames_input_unreadable',
      { path: root, reason: systemReason(error) },
      { cause: error },
    );
  });
  const single = files.length === 1 && files[0].relative === '';
  const named = single ? [{ ...files[0], relative: path.basename(root) }] : files;
  return { files: named.sort(byParts), passedOver };
}

/** What stands at a path, links followed, and where it really does. */
async function placeOf(at: string): Promise<{ info: Stats; real: string }> {
  return diskPatience.ask(
    () => ({ info: statSync(at), real: realpathSync.native(at) }),
    async () => ({ info: await stat(at), real: await realpath(at) }),
  );
}

async function holdsFits(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch(() => []);
  return names.some((name) => FITS_NAME.test(name));
}

/** The system's code (`EACCES`, `ENOENT`, ...); an error without one is not about the file and is thrown on. */
function systemReason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code !== 'string') throw error;
  return code;
}

/** A folder that does not exist yet (an output to be made) has no other name than its own. */
async function canonical(folder: string): Promise<string> {
  return realpath(folder).catch(() => path.resolve(folder));
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function byParts(a: ListedFile, b: ListedFile): number {
  const [left, right] = [a.relative.split('/'), b.relative.split('/')];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const order = byCodeUnit(left[i], right[i]);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

// The catalogue that comes with the program: data/tycho2-full.bin, read once a process and only when a frame must be solved.
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { CatalogueError } from './catalogue-error.js';
import { StarCatalogue } from './star-catalogue.js';

/** Where the file lies, from the source tree and from the built package alike. */
export const BUILT_IN_CATALOGUE = fileURLToPath(new URL('../../../data/tycho2-full.bin', import.meta.url));
const SHA256 = '02688aff6cd454511eaba1bbbfef4f9c450ff31b2c090fc8da60fbddb8388c3e';

let loaded: Promise<StarCatalogue> | undefined;

/** A failure is not kept: the next call reads again. @throws CatalogueError catalogue_unreadable, catalogue_damaged. */
export function builtInCatalogue(): Promise<StarCatalogue> {
  loaded ??= readCatalogue(BUILT_IN_CATALOGUE, SHA256).catch((error: unknown) => {
    loaded = undefined;
    throw error;
  });
  return loaded;
}

/**
 * Reads the catalogue file at `path`, checked against its SHA-256 where one is given.
 * @throws CatalogueError catalogue_unreadable when there is no such file, catalogue_damaged when it is not what it should be.
 */
export async function readCatalogue(path: string, sha256?: string): Promise<StarCatalogue> {
  let bytes: Uint8Array;
  try {
    bytes = await readShared(path);
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new CatalogueError('catalogue_unreadable', { file: path, reason }, { cause: error });
  }
  const catalogue = new StarCatalogue(bytes, path);
  if (sha256 !== undefined && createHash('sha256').update(bytes).digest('hex') !== sha256)
    throw new CatalogueError('catalogue_damaged', { file: path, rule: 'checksum' });
  return catalogue;
}

/** The bytes of a file in shared memory, so that threads of the solver can look at the same ones. */
async function readShared(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const bytes = new Uint8Array(new SharedArrayBuffer(size));
    for (let at = 0; at < size;) {
      const { bytesRead } = await file.read(bytes, at, size - at, at);
      // a file that has become shorter is told by what it lacks
      if (bytesRead === 0) return bytes.subarray(0, at);
      at += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
}

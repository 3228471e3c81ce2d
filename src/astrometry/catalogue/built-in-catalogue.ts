// The catalogue that comes with the program: data/tycho2-full.bin, opened once a process and only when a frame is held against it.
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { CatalogueError } from './catalogue-error.js';
import { CheckedFile, unreadable } from './checked-file.js';
import { StarCatalogue } from './star-catalogue.js';

/** Where the file lies, from the source tree and from the built package alike, and the digests of its parts, whose own is known here. */
export const BUILT_IN_CATALOGUE = fileURLToPath(new URL('../../../data/tycho2-full.bin', import.meta.url));
export const BUILT_IN_DIGESTS = fileURLToPath(new URL('../../../data/tycho2-full.digests', import.meta.url));
const SHA256_OF_DIGESTS = '1a6eab25547dcf99834c4537a96f009cb5b2e2311ded2e01cc14a62038fcf1b8';

let opened: Promise<StarCatalogue> | undefined;

/** A failure is not kept: the next call opens it again. @throws CatalogueError catalogue_unreadable, catalogue_damaged. */
export function builtInCatalogue(): Promise<StarCatalogue> {
  opened ??= openBuiltIn().catch((error: unknown) => {
    opened = undefined;
    throw error;
  });
  return opened;
}

async function openBuiltIn(): Promise<StarCatalogue> {
  return openCatalogue(BUILT_IN_CATALOGUE, await readDigests(BUILT_IN_DIGESTS, SHA256_OF_DIGESTS));
}

/**
 * The catalogue file at `path`, checked part by part against `digests` (`CheckedFile`) as parts are wanted.
 * @throws CatalogueError catalogue_unreadable when there is no such file, catalogue_damaged when it is not what it should be; so do queries.
 */
export async function openCatalogue(path: string, digests: Uint8Array): Promise<StarCatalogue> {
  const size = await stat(path).then(
    (found) => found.size,
    (error: unknown) => {
      throw unreadable(path, error);
    },
  );
  const file = new CheckedFile(path, size, digests);
  return new StarCatalogue(file.bytes, path, file);
}

/** The digests of a file's parts. @throws CatalogueError catalogue_unreadable, catalogue_damaged when they are not those that `sha256` is of. */
export async function readDigests(path: string, sha256: string): Promise<Uint8Array> {
  const digests = await readFile(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (createHash('sha256').update(digests).digest('hex') !== sha256)
    throw new CatalogueError('catalogue_damaged', { file: path, rule: 'checksum' });
  return digests;
}

// Changes a card of a FITS file.
import { readFile, stat, utimes, writeFile } from 'node:fs/promises';

/** Rewrites the first card `key` of a file's header in place, `value` as FITS writes it. */
export async function setCard(file: string, key: string, value: string): Promise<void> {
  const { atime, mtime } = await stat(file);
  const bytes = await readFile(file);
  for (let offset = 0; offset < bytes.length; offset += 80) {
    if (bytes.toString('latin1', offset, offset + 8).trimEnd() !== key) continue;
    bytes.write(`${key.padEnd(8)}= ${value}`.padEnd(80), offset, 'latin1');
    await writeFile(file, bytes);
    return utimes(file, atime, mtime);
  }
  throw new Error(`${file} has no card ${key}`);
}

// Opens a FITS file for its headers; of a gzip file only the beginning is expanded, and only into memory.
import { open } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { memorySource, openFileSource } from '../fits/byte-source.js';
import { FitsError } from '../fits/fits-error.js';
import { detectFileCompression } from '../fits/file-compression.js';
import type { FitsFile } from '../fits/hdu.js';
import { openFits } from '../fits/open-fits.js';

/** Expanded bytes to look for headers in: several hundred header blocks. */
const HEAD_BYTES = 1 << 20;

/**
 * The opened file, and whether the file as a whole is compressed; then data of its HDUs beyond the first MiB is absent and their `problem` says
 * so. Throws the errors of `openFits`, `fits_cannot_open`, and `fits_compressed_file` for compressions other than gzip.
 */
export async function openHeaders(path: string): Promise<{ fits: FitsFile; wholeFileCompression: boolean }> {
  const source = await openFileSource(path);
  const start = await source.getBytes(0, Math.min(3, source.size));
  if (detectFileCompression(start) !== 'gzip')
    return { fits: await openFits(source), wholeFileCompression: false };
  await source.close();
  const head = await expandHead(path);
  return { fits: await openFits(memorySource(path, head)), wholeFileCompression: true };
}

async function expandHead(path: string): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  const handle = await open(path, 'r');
  const input = createReadStream('', { fd: handle });
  const gunzip = createGunzip();
  // an error of the file itself ends the expansion in the loop below
  input.on('error', (error) => gunzip.destroy(error));
  try {
    for await (const chunk of input.pipe(gunzip) as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= HEAD_BYTES) break;
    }
  } catch (error) {
    // a damaged tail does not matter as long as headers came out: what is missing is found when pixels are read
    if (length === 0)
      throw new FitsError('fits_cannot_open', { file: path, reason: systemCode(error) }, { cause: error });
  } finally {
    gunzip.destroy();
    input.destroy();
  }
  return Buffer.concat(chunks);
}

function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

// Opens a FITS file for its headers; of a file compressed as a whole only the beginning is expanded, and only into memory.
import { memorySource, openFileSource } from '../fits/byte-source.js';
import { expandedChunks } from '../fits/decompress-file.js';
import { FitsError } from '../fits/fits-error.js';
import { detectFileCompression } from '../fits/file-compression.js';
import type { FitsFile } from '../fits/hdu.js';
import { openFits } from '../fits/open-fits.js';

/** Expanded bytes to look for headers in: several hundred header blocks. */
const HEAD_BYTES = 1 << 20;
/** One piece of the expanded file may exceed what is looked for by a block of bzip2 and some; more of it is a bomb. */
const MAX_HEAD_BYTES = 4 * HEAD_BYTES;

/**
 * The opened file, and whether the file as a whole is compressed; then data of its HDUs beyond the first MiB is absent and their `problem` says
 * so. Throws the errors of `openFits`, `fits_cannot_open`, `fits_decompress_failed`, and `fits_compressed_file` for compressions other than gzip and bzip2.
 */
export async function openHeaders(path: string): Promise<{ fits: FitsFile; wholeFileCompression: boolean }> {
  const source = await openFileSource(path);
  const start = await source.getBytes(0, Math.min(3, source.size));
  const format = detectFileCompression(start);
  if (format !== 'gzip' && format !== 'bzip2')
    return { fits: await openFits(source), wholeFileCompression: false };
  await source.close();
  const head = await expandHead(path, format);
  return { fits: await openFits(memorySource(path, head)), wholeFileCompression: true };
}

async function expandHead(path: string, format: 'gzip' | 'bzip2'): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of expandedChunks(path, format, MAX_HEAD_BYTES)) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= HEAD_BYTES) break;
    }
  } catch (error) {
    // a damaged tail does not matter as long as headers came out: what is missing is found when pixels are read
    if (length === 0) throw noHead(path, format, error);
  }
  return Buffer.concat(chunks);
}

/** What the system refuses is another matter than what is wrong with the data. */
function noHead(file: string, format: string, cause: unknown): FitsError {
  if (cause instanceof FitsError) return cause;
  if (cause instanceof Error && 'syscall' in cause && 'code' in cause)
    return new FitsError('fits_cannot_open', { file, reason: String(cause.code) }, { cause });
  return new FitsError('fits_decompress_failed', { file, format }, { cause });
}

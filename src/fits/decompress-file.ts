// Expands a .gz or .bz2 file once into a file of its own: such files cannot be read by windows.
import { createReadStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { pipeline } from 'node:stream/promises';
import { openFileSource, reasonOf } from './byte-source.js';
import { detectFileCompression, type FileCompression } from './file-compression.js';
import { FitsError } from './fits-error.js';

export interface DecompressOptions {
  /** Bytes the expanded file may have: guards the disk against a bomb. */
  readonly maxBytes: number;
}

/**
 * Expands `sourcePath` into `destinationPath` (created or overwritten), which the caller has registered; returns its
 * size. On failure the destination is removed. Throws `fits_cannot_open`, `fits_compression_unsupported` (`.Z`, or
 * not compressed), `fits_decompress_failed`, `fits_decompressed_too_large`, `fits_cannot_write`.
 */
export async function decompressFile(
  sourcePath: string,
  destinationPath: string,
  { maxBytes }: DecompressOptions,
): Promise<{ bytes: number; format: FileCompression }> {
  const source = await openFileSource(sourcePath);
  const start = await source.getBytes(0, Math.min(source.size, 3)).finally(() => source.close());
  const format = detectFileCompression(start);
  if (format !== 'gzip' && format !== 'bzip2') {
    throw new FitsError('fits_compression_unsupported', { file: sourcePath, format: format ?? '-' });
  }
  const writeFailed = (cause: unknown) =>
    new FitsError('fits_cannot_write', { file: destinationPath, reason: reasonOf(cause) }, { cause });
  const out = await open(destinationPath, 'w').catch((cause: unknown) => {
    throw writeFailed(cause);
  });
  let bytes = 0;
  try {
    for await (const chunk of expandedChunks(sourcePath, format, maxBytes)) {
      await out.writeFile(chunk).catch((cause: unknown) => {
        throw writeFailed(cause);
      });
      bytes += chunk.length;
    }
    await out.close();
  } catch (cause) {
    await out.close();
    await rm(destinationPath, { force: true });
    if (cause instanceof FitsError) throw cause;
    throw new FitsError('fits_decompress_failed', { file: sourcePath, format }, { cause });
  }
  return { bytes, format };
}

/**
 * The expanded bytes of a gzip or bzip2 file, piece by piece; whoever stops early leaves no file open. All that comes before a failure is
 * given first. Throws `fits_decompressed_too_large` beyond `maxBytes`; what is wrong with the data or the disk passes as the library says it.
 */
export async function* expandedChunks(
  sourcePath: string,
  format: 'gzip' | 'bzip2',
  maxBytes: number,
): AsyncGenerator<Buffer, void, undefined> {
  const input = createReadStream(sourcePath, { highWaterMark: 1 << 18 });
  const tooLarge = () => new FitsError('fits_decompressed_too_large', { file: sourcePath, maxBytes });
  if (format === 'bzip2') {
    yield* bunzip2(input, maxBytes, tooLarge);
    return;
  }
  const gunzip = createGunzip({ chunkSize: 1 << 18 });
  // Closes both when either ends; the failure itself comes out of the loop.
  pipeline(input, gunzip).catch(() => undefined);
  let bytes = 0;
  for await (const chunk of gunzip as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge();
    yield chunk;
  }
}

/**
 * Drives the library's old-style stream by hand: it has no back pressure, so what one write sets free is taken before
 * the next; a listener that throws stops it in the middle of a bomb.
 */
async function* bunzip2(input: AsyncIterable<Buffer>, maxBytes: number, tooLarge: () => FitsError) {
  const { default: unbzip2 } = await import('unbzip2-stream');
  const stream = unbzip2();
  const ready: Buffer[] = [];
  let total = 0;
  let failure: unknown;
  stream.on('data', (chunk: Buffer) => {
    total += chunk.length;
    if (total > maxBytes) throw tooLarge();
    ready.push(chunk);
  });
  stream.on('error', (error: unknown) => {
    failure ??= error;
  });
  for await (const piece of input) {
    stream.write(piece);
    yield* ready.splice(0);
    if (failure) throw failure;
  }
  stream.end();
  yield* ready;
  if (failure) throw failure;
}

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
  const tooLarge = () => new FitsError('fits_decompressed_too_large', { file: sourcePath, maxBytes });
  const writeFailed = (cause: unknown) =>
    new FitsError('fits_cannot_write', { file: destinationPath, reason: reasonOf(cause) }, { cause });
  const out = await open(destinationPath, 'w').catch((cause: unknown) => {
    throw writeFailed(cause);
  });
  let bytes = 0;
  // Kept aside: a pipeline that is torn down reports the tearing, not its cause.
  let refusal: FitsError | undefined;
  try {
    const input = createReadStream(sourcePath, { highWaterMark: 1 << 18 });
    const write = async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) {
        if (bytes + chunk.length > maxBytes) throw (refusal = tooLarge());
        await out.writeFile(chunk).catch((cause: unknown) => {
          throw (refusal = writeFailed(cause));
        });
        bytes += chunk.length;
      }
    };
    if (format === 'gzip') await pipeline(input, createGunzip({ chunkSize: 1 << 18 }), write);
    else await write(bunzip2(input, maxBytes, tooLarge));
    await out.close();
  } catch (cause) {
    await out.close();
    await rm(destinationPath, { force: true });
    if (refusal) throw refusal;
    if (cause instanceof FitsError) throw cause;
    throw new FitsError('fits_decompress_failed', { file: sourcePath, format }, { cause });
  }
  return { bytes, format };
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
    if (failure) throw failure;
    yield* ready.splice(0);
  }
  stream.end();
  if (failure) throw failure;
  yield* ready;
}

// A single file as pixels, wherever it lies and however it is compressed: for what looks at files one by one.
import path from 'node:path';
import type { FramePixels } from '../astrometry/stars/frame-pixels.js';
import type { CodedMessage } from '../config/errors.js';
import { CodedError } from '../errors.js';
import { memorySource, openFileSource, type ByteSource } from '../fits/byte-source.js';
import { expandedChunks } from '../fits/decompress-file.js';
import { detectFileCompression } from '../fits/file-compression.js';
import { FitsError } from '../fits/fits-error.js';
import { openFits } from '../fits/open-fits.js';
import { fileMark } from '../frames/file-mark.js';
import { scanFile, type FrameRecord } from '../frames/frame-record.js';
import { framePixels } from '../frames/look-at-frame.js';
import { measureFrame } from '../frames/measure-frame.js';

/** Compressed files are expanded in memory. */
const MAX_EXPANDED_BYTES = 2 ** 30;

export interface LoadedFrame {
  readonly record: FrameRecord;
  readonly pixels: FramePixels;
}

/** A file that cannot be used, and why. */
export interface Unusable {
  readonly reason: CodedMessage;
}

/** All samples of a frame, or why it is none. @throws FitsError. */
export async function loadFrame(file: string): Promise<LoadedFrame | Unusable> {
  const source = await expandedSource(file);
  const scanned = await scanFile({ ...(await fileMark(file)), relative: path.basename(file) }, source);
  if (scanned.kind !== 'light') return { reason: scanned.reason };
  const { record } = scanned;
  const fits = await openFits(source ?? file);
  try {
    const outcome = await measureFrame(fits, record);
    return 'reason' in outcome ? outcome : { record, pixels: await framePixels(fits, record, outcome) };
  } finally {
    await fits.close();
  }
}

/** The expanded bytes of a compressed file; undefined for one that can be read as it is. */
async function expandedSource(file: string): Promise<ByteSource | undefined> {
  const source = await openFileSource(file);
  const start = await source.getBytes(0, Math.min(3, source.size)).finally(() => source.close());
  const format = detectFileCompression(start);
  if (format !== 'gzip' && format !== 'bzip2') return undefined;
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of expandedChunks(file, format, MAX_EXPANDED_BYTES)) chunks.push(chunk);
  } catch (cause) {
    if (cause instanceof CodedError) throw cause;
    throw new FitsError('fits_decompress_failed', { file, format }, { cause });
  }
  return memorySource(file, Buffer.concat(chunks));
}

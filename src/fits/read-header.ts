// Finds and reads one header: whole 2880-byte blocks up to the END card, a few blocks a read.
import type { ByteSource } from './byte-source.js';
import { CARD_LENGTH } from './card.js';
import { FitsError } from './fits-error.js';
import { FitsHeader } from './header.js';

/** The FITS block (FITS 4.0, section 3.1). */
export const BLOCK_LENGTH = 2880;

/** Ten blocks: one read takes in nearly every header of a single exposure. */
const READ_BYTES = 10 * BLOCK_LENGTH;
/** 200,000 cards. A file that claims more is not a header; stopping here keeps a huge data file from being read. */
const MAX_HEADER_BYTES = 16 * 1024 * 1024;

/** Rounds up to whole blocks. */
export function paddedLength(bytes: number): number {
  return Math.ceil(bytes / BLOCK_LENGTH) * BLOCK_LENGTH;
}

/**
 * Reads the header that begins at `offset`. `dataOffset` is the byte after its last block.
 * Throws `fits_header_unended` when the source ends (or 16 MiB pass) before an END card.
 */
export async function readHeader(
  source: ByteSource,
  offset: number,
  hdu: number,
): Promise<{ header: FitsHeader; dataOffset: number }> {
  let text = '';
  let scanned = 0;
  while (text.length < MAX_HEADER_BYTES) {
    const at = offset + text.length;
    const length = Math.min(READ_BYTES, source.size - at);
    if (length <= 0) break;
    const bytes = await source.getBytes(at, length);
    text += Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    for (; scanned + CARD_LENGTH <= text.length; scanned += CARD_LENGTH) {
      // END is alone on its card; NUL padding after it is forbidden but common.
      if (text.startsWith('END', scanned) && /^END[ \0]{5}/.test(text.slice(scanned, scanned + 8))) {
        const header = FitsHeader.parse(text.slice(0, scanned));
        return { header, dataOffset: offset + paddedLength(scanned + CARD_LENGTH) };
      }
    }
  }
  throw new FitsError('fits_header_unended', { file: source.name, hdu, bytes: text.length });
}

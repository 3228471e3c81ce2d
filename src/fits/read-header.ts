// Finds and reads one header: whole 2880-byte blocks up to the END card, a few blocks a read.
import type { ByteSource } from './byte-source.js';
import { CARD_LENGTH } from './card.js';
import { FitsError } from './fits-error.js';
import { FitsHeader } from './header.js';

/** The FITS block (FITS 4.0, section 3.1). */
export const BLOCK_LENGTH = 2880;

/** Ten blocks, 360 cards: one read takes in nearly every header of a single exposure. */
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
  // Each piece is of whole cards, and looked through by itself: looking through all that was read would copy it anew for every piece.
  const pieces: string[] = [];
  let read = 0;
  while (read < MAX_HEADER_BYTES) {
    const length = Math.min(READ_BYTES, source.size - offset - read);
    if (length <= 0) break;
    const bytes = await source.getBytes(offset + read, length);
    const piece = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    for (let at = 0; at + CARD_LENGTH <= piece.length; at += CARD_LENGTH) {
      // END is alone on its card; NUL padding after it is forbidden but common.
      if (piece.startsWith('END', at) && /^END[ \0]{5}/.test(piece.slice(at, at + 8))) {
        const header = FitsHeader.parse(pieces.join('') + piece.slice(0, at));
        return { header, dataOffset: offset + paddedLength(read + at + CARD_LENGTH) };
      }
    }
    pieces.push(piece);
    read += piece.length;
  }
  throw new FitsError('fits_header_unended', { file: source.name, hdu, bytes: read });
}

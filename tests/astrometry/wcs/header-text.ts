// Headers for tests: from text files (cards of 80 characters or one a line) and from plain objects.
import { FitsHeader } from '../../../src/fits/header.js';
import type { HeaderReader } from '../../../src/astrometry/wcs/header-reader.js';

/** Header text in either of the two spellings that `.hdr` files use. */
export function headerFromText(text: string): FitsHeader {
  const lines = text.split(/\r?\n/);
  // One newline at the end of a file of whole cards does not make it a file of lines.
  const cards =
    lines.filter((line) => line !== '').length > 1
      ? lines.map((line) => line.slice(0, 80).padEnd(80))
      : [text.trimEnd()];
  return FitsHeader.parse(cards.join(''));
}

/** Header of keyword: value. */
export function headerOf(values: Readonly<Record<string, string | number | boolean>>): HeaderReader {
  return { get: (key) => (Object.hasOwn(values, key) ? values[key] : undefined) };
}

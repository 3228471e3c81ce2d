// A file that is read part by part, as far as it is asked for, each part checked against its digest.
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { CatalogueError } from './catalogue-error.js';

/** A part; the last one is shorter. */
const PART_BYTES = 65536;
const DIGEST_BYTES = 32;

export class CheckedFile {
  /** All of the file, in memory that threads can share; what was not wanted yet is not there: zeros, and no page of them is touched. */
  readonly bytes: Uint8Array;
  readonly #path: string;
  readonly #digests: Uint8Array;
  readonly #isThere: Uint8Array;

  /** `digests`: SHA-256 of each part, one behind the other. */
  constructor(path: string, size: number, digests: Uint8Array) {
    this.#path = path;
    this.#digests = digests;
    this.bytes = new Uint8Array(new SharedArrayBuffer(size));
    this.#isThere = new Uint8Array(Math.ceil(size / PART_BYTES));
  }

  /**
   * Has bytes `from` to `to - 1` there: reads what is missing in place, for a part takes less time than a change of threads.
   * @throws CatalogueError catalogue_unreadable, catalogue_damaged; the next call reads again.
   */
  want(from: number, to: number): void {
    const end = Math.min(this.#isThere.length, Math.ceil(to / PART_BYTES));
    for (let part = Math.floor(from / PART_BYTES); part < end; part++)
      if (this.#isThere[part] === 0) return this.#read(part, end);
  }

  #read(first: number, end: number): void {
    let file: number | undefined;
    try {
      file = openSync(this.#path, 'r');
      for (let part = first; part < end; part++) if (this.#isThere[part] === 0) this.#readPart(file, part);
    } catch (error) {
      throw unreadable(this.#path, error);
    } finally {
      if (file !== undefined) closeSync(file);
    }
  }

  #readPart(file: number, part: number): void {
    const from = part * PART_BYTES;
    const bytes = this.bytes.subarray(from, from + PART_BYTES);
    // what the file lacks has no digest
    for (let at = 0, count = 1; at < bytes.length && count > 0; at += count)
      count = readSync(file, bytes, at, bytes.length - at, from + at);
    const digest = this.#digests.subarray(part * DIGEST_BYTES, (part + 1) * DIGEST_BYTES);
    if (!createHash('sha256').update(bytes).digest().equals(digest))
      throw new CatalogueError('catalogue_damaged', { file: this.#path, rule: 'checksum' });
    this.#isThere[part] = 1;
  }
}

/** What is told of a file that cannot be read. */
export function unreadable(path: string, error: unknown): CatalogueError {
  if (error instanceof CatalogueError) return error;
  const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  return new CatalogueError('catalogue_unreadable', { file: path, reason }, { cause: error });
}

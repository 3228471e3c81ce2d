// Bytes written one after another through a buffer, with their DATASUM taken on the way.
import { addToSum } from './checksum.js';
import type { OutputFile } from './output-file.js';
import { BLOCK_LENGTH, paddedLength } from './read-header.js';

/** About 1 MiB, in whole blocks (and so in whole 32-bit words). */
const BUFFER_BYTES = 364 * BLOCK_LENGTH;

export class SummedStream {
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  #filled = 0;
  #written = 0;
  #sum = 0;

  constructor(
    private readonly out: OutputFile,
    private readonly start: number,
  ) {}

  /** Bytes pushed so far. */
  get length(): number {
    return this.#written + this.#filled;
  }

  /**
   * The part of the buffer that comes next, never empty; what is put at its beginning goes out with `advance`. It
   * holds whole elements of any pixel type as long as only such have been pushed.
   */
  room(): Uint8Array {
    return this.#buffer.subarray(this.#filled);
  }

  /** Takes the first `count` bytes of `room()` as pushed. */
  async advance(count: number): Promise<void> {
    this.#filled += count;
    if (this.#filled === BUFFER_BYTES) await this.#flush(BUFFER_BYTES);
  }

  async push(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const take = Math.min(bytes.length - done, BUFFER_BYTES - this.#filled);
      this.#buffer.set(bytes.subarray(done, done + take), this.#filled);
      done += take;
      await this.advance(take);
    }
  }

  /**
   * Pads with zeros so that `before` bytes that stand ahead of the stream and the stream together fill blocks.
   * Returns the sum, and the number of bytes written, padding included.
   */
  async end(before = 0): Promise<{ sum: number; bytes: number }> {
    const padding = paddedLength(before + this.length) - (before + this.length);
    await this.push(new Uint8Array(padding));
    await this.#flush(this.#filled);
    return { sum: this.#sum, bytes: this.#written };
  }

  async #flush(count: number): Promise<void> {
    const bytes = this.#buffer.subarray(0, count);
    this.#sum = addToSum(this.#sum, bytes);
    await this.out.write(bytes, this.start + this.#written);
    this.#written += count;
    this.#filled = 0;
  }
}

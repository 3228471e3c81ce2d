// Bytes written one after another through two buffers, one of which is filled while the other is written, with their DATASUM taken on the way.
import { takePasses, type SamplePasses } from '../../simd/sample-passes.js';
import { addToSum, joinSums } from '../checksum.js';
import type { OutputFile } from './output-file.js';
import { BLOCK_LENGTH, paddedLength } from '../read-header.js';

/** About 1 MiB, in whole blocks (and so in whole 32-bit words). */
const BUFFER_BYTES = 364 * BLOCK_LENGTH;

/** A buffer of BUFFER_BYTES that the passes reach. */
interface StreamBuffer {
  readonly passes: SamplePasses;
  readonly address: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Buffers of streams that have ended. */
const idle: StreamBuffer[] = [];

function makeBuffer(): StreamBuffer {
  const passes = takePasses(BUFFER_BYTES);
  const address = passes.take(BUFFER_BYTES);
  return { passes, address, bytes: new Uint8Array(passes.buffer, address, BUFFER_BYTES) };
}

export class SummedStream {
  #buffer = idle.pop() ?? makeBuffer();
  /** The buffer that is being written, or was. */
  #other = idle.pop() ?? makeBuffer();
  /** Until it is written. */
  #writing: Promise<void> = Promise.resolve();
  #filled = 0;
  /** Bytes of the buffer that are in the sum already. */
  #summed = 0;
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
  room(): Uint8Array<ArrayBuffer> {
    return this.#buffer.bytes.subarray(this.#filled);
  }

  /** The same of at least so many bytes; undefined where no buffer has them. What is pushed goes out first where little room is left. */
  async roomFor(bytes: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (bytes > BUFFER_BYTES) return undefined;
    if (bytes > BUFFER_BYTES - this.#filled) await this.#flush(this.#filled);
    return this.room();
  }

  /** Takes the first `count` bytes of `room()` as pushed. */
  async advance(count: number): Promise<void> {
    this.#filled += count;
    if (this.#filled === BUFFER_BYTES) await this.#flush(BUFFER_BYTES);
  }

  /** Takes the first `count` 32-bit words of `room()`, in the machine's order, as pushed: they go out big-endian. Behind whole words only. With `blankLimit` they are float32 samples, and what is not above it goes out as NaN. */
  async advanceWords(count: number, blankLimit?: number): Promise<void> {
    const { passes } = this.#buffer.passes;
    const at = this.#buffer.address + this.#filled;
    this.#addUpTo(this.#filled);
    const sum =
      blankLimit === undefined ? passes.storeWords(at, count) : passes.storeSamples(at, count, blankLimit);
    this.#sum = joinSums(this.#sum, sum);
    this.#summed += 4 * count;
    await this.advance(4 * count);
  }

  async push(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const take = Math.min(bytes.length - done, BUFFER_BYTES - this.#filled);
      this.#buffer.bytes.set(bytes.subarray(done, done + take), this.#filled);
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
    await this.#writing;
    idle.push(this.#buffer, this.#other);
    return { sum: this.#sum, bytes: this.#written };
  }

  async #flush(count: number): Promise<void> {
    this.#addUpTo(count);
    await this.#writing;
    this.#writing = this.out.write(this.#buffer.bytes.subarray(0, count), this.start + this.#written);
    // Whether it failed is asked before the next one, and at the end.
    this.#writing.catch(() => undefined);
    [this.#buffer, this.#other] = [this.#other, this.#buffer];
    this.#written += count;
    this.#filled = 0;
    this.#summed = 0;
  }

  #addUpTo(end: number): void {
    if (end > this.#summed) this.#sum = addToSum(this.#sum, this.#buffer.bytes.subarray(this.#summed, end));
    this.#summed = end;
  }
}

// Memory for the small arrays of thousands of frames, which the system gets back once nobody holds one of them: as arrays of their own they would lie in the heap of the C library
// among others, and leave holes there instead.

/** Blocks of this size and more are mapped apart by the C library, whatever else it has done (32 MiB at most). */
const BLOCK_BYTES = 34 * 2 ** 20;
const ALIGNMENT = 8;

type Numbers = Float64Array | Float32Array | Uint8Array;

/** Bytes that arrays take in a store. */
export const storedBytes = (arrays: readonly Numbers[]): number =>
  arrays.reduce((sum, { byteLength }) => sum + aligned(byteLength), 0);

const aligned = (bytes: number): number => ALIGNMENT * Math.ceil(bytes / ALIGNMENT);

/** Blocks that arrays are copied into, one after the other; of shared memory, so that an array which is sent to a thread takes nothing with it. A block stands as long as one of its arrays does. */
export class ArrayStore {
  #block = new SharedArrayBuffer(0);
  #end = 0;
  #left: number;

  /** `bytes`: what is to be kept in all, or more: nothing is taken that is not written to. */
  constructor(bytes: number) {
    this.#left = bytes;
  }

  /** A copy of `values`. */
  keep<T extends Numbers>(values: T): T {
    const bytes = aligned(values.byteLength);
    if (this.#end + bytes > this.#block.byteLength) {
      this.#block = new SharedArrayBuffer(Math.max(bytes, Math.min(BLOCK_BYTES, this.#left)));
      this.#left = Math.max(0, this.#left - this.#block.byteLength);
      this.#end = 0;
    }
    const make = values.constructor as new (buffer: SharedArrayBuffer, at: number, length: number) => T;
    const kept = new make(this.#block, this.#end, values.length);
    kept.set(values);
    this.#end += bytes;
    return kept;
  }
}

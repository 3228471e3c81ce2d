// Memory that the reads of a source go through, one after the other.

/** Products are written side by side, so that a source is read again before an earlier read is done: that one has memory of its own. */
export class ReadScratch {
  #free = new Float32Array(0);

  /** `read` has `count` floats or more, of anything, to itself until it is done. */
  async use<T>(count: number, read: (floats: Float32Array) => Promise<T>): Promise<T> {
    const own = this.#free.length >= count ? this.#free : new Float32Array(count);
    this.#free = new Float32Array(0);
    try {
      return await read(own);
    } finally {
      this.#free = own;
    }
  }
}

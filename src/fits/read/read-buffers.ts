// Memory that reads fill again and again: fresh arrays of megabytes cost the system's pages, and collections of garbage that they call for.

/** A size is rounded up to this, so that windows of nearly the same size fit into each other's memory. */
const STEP = 2 ** 18;
/** That of smaller sizes, of which many are out at once. */
const SMALL_STEP = 2 ** 15;

/** Where a read finds memory for what it reads. */
export interface ReadMemory {
  /** `bytes` bytes that hold anything, their taker's until given back. */
  take(bytes: number): Uint8Array;
  /** Takes back what `take` has given and nobody looks at any more. */
  give(taken: Uint8Array): void;
}

/** Memory taken and given back. As many pieces are kept as were out at once, so that it never holds more than its user did. */
export class ReadBuffers implements ReadMemory {
  /** Ascending. */
  private readonly free: ArrayBuffer[] = [];

  /** `bytes` bytes at offset 0 of memory that holds anything. It is its taker's until given back, which need not be. */
  take(bytes: number): Uint8Array {
    const [buffer] = this.free.splice(this.firstOf(bytes), 1) as (ArrayBuffer | undefined)[];
    // One that is too small makes room for one that is not.
    if (!buffer) this.free.shift();
    const step = bytes < STEP ? SMALL_STEP : STEP;
    const size = Math.max(1, Math.ceil(bytes / step)) * step;
    return new Uint8Array(buffer ?? Buffer.allocUnsafeSlow(size).buffer, 0, bytes);
  }

  /** Or any other memory of the kind. */
  give({ buffer }: ArrayBufferView): void {
    this.free.splice(this.firstOf(buffer.byteLength), 0, buffer as ArrayBuffer);
  }

  /** Number of the first free piece of at least so many bytes, or of all pieces. */
  private firstOf(bytes: number): number {
    let [low, high] = [0, this.free.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.free[middle].byteLength < bytes) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

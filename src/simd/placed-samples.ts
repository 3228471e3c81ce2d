// Samples of a plane where WebAssembly reads them, for all that is asked of them one after another.
import { keepPasses, takePasses } from './sample-passes.js';

/** Passes whose memory begins with the samples that were placed last. What is taken after them holds until samples are placed again, be it the same. */
export class PlacedSamples {
  readonly passes = takePasses();
  #placed: WeakRef<ArrayBufferView> | undefined;

  /** Address of the samples, which are copied unless they are there already; nobody writes to them in between. All other memory is given back. */
  place(samples: ArrayBufferView): number {
    const { passes } = this;
    passes.reset();
    const at = passes.take(samples.byteLength);
    if (this.#placed?.deref() !== samples)
      passes.bytes().set(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength), at);
    this.#placed = new WeakRef(samples);
    return at;
  }

  /** The last call: the memory serves others. */
  end(): void {
    this.clear();
    keepPasses(this.passes);
  }

  /** Gives all memory back, that of the samples as well. */
  clear(): void {
    this.passes.reset();
    this.#placed = undefined;
  }
}

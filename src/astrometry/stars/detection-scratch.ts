// Working memory of a detection, kept from frame to frame: taking and clearing it anew costs as much as filling it.
import { PlacedSamples } from '../../simd/placed-samples.js';

/** A quarter of the largest frame seen, float32, and of 16-bit frames these themselves. What was handed out holds until it is asked for again. */
export class DetectionScratch {
  /** For 16-bit frames, where the coarse image lies with them. */
  readonly placed = new PlacedSamples();
  #coarse = new Float32Array(0);

  /** For the coarse filtered image; `length` samples of any value. */
  coarse(length: number): Float32Array {
    if (this.#coarse.length < length) this.#coarse = new Float32Array(length);
    return this.#coarse.subarray(0, length);
  }
}

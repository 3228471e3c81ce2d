// The two images that a detection works on, kept from frame to frame: taking and clearing them anew costs as much as filling them.

/** Working memory of `detectStars`: two images of the largest frame seen, float32. What was handed out holds until it is asked for again. */
export class DetectionScratch {
  #image = new Float32Array(0);
  #filtered = new Float32Array(0);

  /** For the detection image; `length` samples of any value. */
  image(length: number): Float32Array {
    if (this.#image.length < length) this.#image = new Float32Array(length);
    return this.#image.subarray(0, length);
  }

  /** For the filtered image; `length` samples of any value. */
  filtered(length: number): Float32Array {
    if (this.#filtered.length < length) this.#filtered = new Float32Array(length);
    return this.#filtered.subarray(0, length);
  }
}

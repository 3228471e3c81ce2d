// Range of 16-bit samples, in SIMD.
import { sharedPasses, signFlip } from '../simd/sample-passes.js';

/** Samples of one call: what a counter of 16 bits in each of eight lanes can take, and the caches hold. */
const CHUNK = 2 ** 15;

/** Least and greatest of the samples, none of which may be missing, and how many reach `limit`. */
export function integerRange(
  data: Uint16Array | Int16Array,
  limit: number,
): { readonly least: number; readonly greatest: number; readonly reached: number } {
  const flip = signFlip(data);
  const passes = sharedPasses();
  const at = passes.take(2 * CHUNK);
  const out = passes.take(4);
  const memory = passes.bytes();
  const found = new Uint16Array(passes.buffer, out, 2);
  const bound = Math.ceil(Math.min(Math.max(limit + flip, 0), 2 ** 16));
  let [least, greatest, reached] = [Infinity, -Infinity, 0];
  for (let k = 0; k < data.length; k += CHUNK) {
    const count = Math.min(CHUNK, data.length - k);
    memory.set(new Uint8Array(data.buffer, data.byteOffset + 2 * k, 2 * count), at);
    reached += passes.passes.sampleRange(at, count, bound, flip, out);
    least = Math.min(least, found[0] - flip);
    greatest = Math.max(greatest, found[1] - flip);
  }
  return { least, greatest, reached };
}

// Sorting many floats: by their bits in three passes, several times faster than by comparison.

const DIGIT_BITS = 11;
const DIGITS = 1 << DIGIT_BITS;
const PASSES = 3;

/** Sorts `values` ascending in place; none may be NaN. -0 comes before 0. */
export function sortFloats(values: Float32Array): Float32Array {
  const n = values.length;
  let from: Uint32Array = new Uint32Array(values.buffer, values.byteOffset, n);
  let to: Uint32Array = new Uint32Array(n);
  const counts = new Uint32Array(PASSES * DIGITS);
  for (let i = 0; i < n; i++) {
    // Bits that order as the numbers do: negative ones turned over, positive ones put above them.
    const bits = from[i];
    const key = bits ^ ((bits | 0) >> 31 || 0x80000000);
    from[i] = key;
    counts[key & (DIGITS - 1)]++;
    counts[DIGITS + ((key >>> DIGIT_BITS) & (DIGITS - 1))]++;
    counts[2 * DIGITS + (key >>> (2 * DIGIT_BITS))]++;
  }
  for (let pass = 0; pass < PASSES; pass++) {
    const places = counts.subarray(pass * DIGITS, (pass + 1) * DIGITS);
    for (let d = 0, before = 0; d < DIGITS; d++) {
      const count = places[d];
      places[d] = before;
      before += count;
    }
    const shift = pass * DIGIT_BITS;
    for (let i = 0; i < n; i++) {
      const key = from[i];
      to[places[(key >>> shift) & (DIGITS - 1)]++] = key;
    }
    [from, to] = [to, from];
  }
  // Three passes end in the other array, from which the keys come home as floats.
  for (let i = 0; i < n; i++) to[i] = from[i] ^ (from[i] >>> 31 ? 0x80000000 : 0xffffffff);
  return values;
}

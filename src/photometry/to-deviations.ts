// Weights as standard deviations, for all pixels of a mosaic: in SIMD.
import { sharedPasses } from '../simd/sample-passes.js';

/** Values of a turn, which lie in the processor's first cache. */
const TURN = 1 << 12;

/** Fills `out` with 1 / sqrt(weight) of `weights`, which it may be; NaN where a weight is not above 0. */
export function toDeviations(weights: Float32Array, out: Float32Array): void {
  const room = sharedPasses();
  const at = room.take(4 * TURN);
  const turn = new Float32Array(room.buffer, at, TURN);
  for (let from = 0; from < weights.length; from += TURN) {
    const count = Math.min(TURN, weights.length - from);
    turn.set(weights.subarray(from, from + count));
    room.passes.deviations(at, count);
    out.set(turn.subarray(0, count), from);
  }
}

import { expect, test } from 'vitest';
import { toDeviations } from '../../src/photometry/to-deviations.js';

test('weights become standard deviations to the last bit, in place or not, and what has none NaN', () => {
  const weights = Float32Array.from({ length: 4099 }, (_, i) =>
    i % 10 === 0 ? 0 : i % 10 === 1 ? -1 : i % 10 === 2 ? NaN : Math.exp((i - 2000) / 40),
  );
  weights[4098] = Infinity;
  const expected = weights.map((w) => (w > 0 ? 1 / Math.sqrt(w) : NaN));
  const out = new Float32Array(weights.length);
  toDeviations(weights, out);
  expect(new Uint32Array(out.buffer)).toEqual(new Uint32Array(expected.buffer));
  toDeviations(weights, weights);
  expect(new Uint32Array(weights.buffer)).toEqual(new Uint32Array(expected.buffer));
});

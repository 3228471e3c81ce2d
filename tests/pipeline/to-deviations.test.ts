import { expect, test } from 'vitest';
import { toDeviations } from '../../src/pipeline/uncertainty/to-deviations.js';

test('weights become standard deviations to the last bit, in place or not, and what has none NaN', () => {
  const weights = Float32Array.from({ length: 4099 }, (_, i) =>
    i % 10 === 0 ? 0 : i % 10 === 1 ? -1 : i % 10 === 2 ? NaN : Math.exp((i - 2000) / 40),
  );
  const expected = weights.map((w) => (w > 0 ? 1 / Math.sqrt(w) : NaN));
  const out = new Float32Array(weights.length);
  toDeviations(weights, out);
  expect(new Uint32Array(out.buffer)).toEqual(new Uint32Array(expected.buffer));
  toDeviations(weights, weights);
  expect(new Uint32Array(weights.buffer)).toEqual(new Uint32Array(expected.buffer));
});

test('the root is that of float64, rounded once, for weights of all mantissas', () => {
  const bits = new Uint32Array(((2 << 23) / 7) | 0).map((_, i) => 0x3f800000 + 7 * i);
  const weights = new Float32Array(bits.buffer);
  // of all 2^24 the only ones that Newton's method without its next term misses
  weights.set([2.1552867889404297, 3.999999523162842]);
  const expected = weights.map((w) => 1 / Math.sqrt(w));
  toDeviations(weights, weights);
  let different = 0;
  for (let i = 0; i < weights.length; i++) if (weights[i] !== expected[i]) different++;
  expect(different).toBe(0);
});

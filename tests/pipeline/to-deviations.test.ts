import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { beforeAll, expect, test } from 'vitest';
import { toDeviations } from '../../src/pipeline/uncertainty/to-deviations.js';
import { useCompiledPasses } from '../../src/simd/sample-passes.js';

// optimised from the start: V8's first code and this one do not multiply in the same order
beforeAll(() => {
  const bytes = readFileSync(new URL('../../dist/simd/passes.wasm', import.meta.url));
  for (const flag of ['--no-liftoff', '--no-wasm-lazy-compilation']) setFlagsFromString(flag);
  useCompiledPasses(new WebAssembly.Module(bytes));
  for (const flag of ['--liftoff', '--wasm-lazy-compilation']) setFlagsFromString(flag);
});

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

test('what has none is the NaN of JavaScript where photons are added too, whatever NaN its value is', () => {
  const [width, height] = [7, 3];
  const region = { x0: 0, y0: 0, width, height };
  const field = { nx: 1, ny: 1, planes: 1, stepPx: 64, x0: 0, y0: 0, data: Float32Array.of(0.01, 0.5) };
  const weights = Float32Array.from({ length: width * height }, (_, i) => (i % width === 1 ? 4 : 0));
  for (const nan of [0x7fc00000, 0xffc00000, 0x7fc12345]) {
    const values = new Float32Array(Uint32Array.from(weights, (w) => (w > 0 ? 0x42c80000 : nan)).buffer);
    const out = new Float32Array(weights.length);
    toDeviations(weights, out, { field, plane: 0, region, values });
    const expected = weights.map((w) => (w > 0 ? 0.5 * Math.fround(Math.sqrt(2.5)) : NaN));
    expect(new Uint32Array(out.buffer)).toEqual(new Uint32Array(expected.buffer));
  }
});

import { describe, expect, test } from 'vitest';
import { randomStream } from '../../../src/demo/random.js';
import { percentile, skyLevel, sortedSample } from '../../../src/output/picture/sky-statistics.js';

/** A field of normal sky, a share of it under nebula that adds up to `nebula`, and bright stars. */
function field(
  count: number,
  { level = 500, sigma = 10, share = 0.3, nebula = 200, seed = 1 } = {},
): Float32Array {
  const random = randomStream(seed);
  return Float32Array.from({ length: count }, () => {
    const extra = random.uniform() < share ? nebula * random.uniform() : 0;
    const star = random.uniform() < 0.01 ? 20_000 * random.uniform() : 0;
    return level + sigma * random.normal() + extra + star;
  });
}

describe('sky level', () => {
  test.each([0, 0.3, 0.6])('stays at the sky with %f of the field under nebulosity', (share) => {
    const { level, sigma } = skyLevel(sortedSample(field(50_000, { share })));
    expect(Math.abs(level - 500)).toBeLessThan(3);
    expect(sigma).toBeGreaterThan(8);
    expect(sigma).toBeLessThan(13);
  });

  test('ignores a pile of values clipped at zero', () => {
    const values = field(50_000, { level: 15, sigma: 10, share: 0 }).map((value) => Math.max(0, value));
    expect(Math.abs(skyLevel(sortedSample(values)).level - 15)).toBeLessThan(2.5);
  });

  test('survives coarse quantisation, constants and nothing at all', () => {
    const steps = field(50_000, { share: 0 }).map((value) => Math.round(value / 16) * 16);
    expect(Math.abs(skyLevel(sortedSample(steps)).level - 500)).toBeLessThan(9);
    expect(skyLevel(new Float32Array(100).fill(7))).toEqual({ level: 7, sigma: 0 });
    expect(skyLevel(new Float32Array(0))).toEqual({ level: 0, sigma: 0 });
  });
});

test('samples leave blanks out, ascend and are bounded', () => {
  expect([...sortedSample(Float32Array.from([3, NaN, 1, Infinity, 2]))]).toEqual([1, 2, 3]);
  expect(sortedSample(new Float32Array(3_000_000)).length).toBeLessThanOrEqual(1 << 14);
});

test('percentiles interpolate between ranks', () => {
  const sorted = Float32Array.from([0, 10, 20, 30]);
  expect([0, 50, 75, 100].map((p) => percentile(sorted, p))).toEqual([0, 15, 22.5, 30]);
});

import { describe, expect, test } from 'vitest';
import { randomStream } from '../../src/demo/random.js';

function moments(draw: () => number, count = 200_000): { mean: number; variance: number; skewness: number } {
  const values = Float64Array.from({ length: count }, draw);
  const mean = values.reduce((sum, v) => sum + v, 0) / count;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / count;
  const skewness = values.reduce((sum, v) => sum + (v - mean) ** 3, 0) / count / variance ** 1.5;
  return { mean, variance, skewness };
}

test('the same labels give the same stream, others another', () => {
  const take = (...labels: number[]) => Array.from({ length: 5 }, randomStream(...labels).uniform);
  expect(take(1, 2)).toEqual(take(1, 2));
  for (const other of [[1, 3], [2, 2], [1], [1, 2, 0], [2, 1]])
    expect(take(...other)).not.toEqual(take(1, 2));
});

test('uniform fills [0, 1) evenly', () => {
  const random = randomStream(7);
  const bins = new Uint32Array(16);
  for (let i = 0; i < 160_000; i++) bins[Math.floor(random.uniform() * 16)]++;
  for (const count of bins) expect(Math.abs(count - 10_000)).toBeLessThan(500);
});

test('normal has mean 0, variance 1, no skewness', () => {
  const { mean, variance, skewness } = moments(randomStream(8).normal);
  expect(Math.abs(mean)).toBeLessThan(0.01);
  expect(Math.abs(variance - 1)).toBeLessThan(0.02);
  expect(Math.abs(skewness)).toBeLessThan(0.03);
});

describe('Poisson has mean and variance lambda, skewness 1/sqrt(lambda)', () => {
  test.each([0.3, 5, 12, 30, 1000])('lambda %f', (lambda) => {
    const random = randomStream(9);
    const { mean, variance, skewness } = moments(() => random.poisson(lambda));
    expect(Math.abs(mean / lambda - 1)).toBeLessThan(0.01);
    expect(Math.abs(variance / lambda - 1)).toBeLessThan(0.02);
    expect(Math.abs(skewness - 1 / Math.sqrt(lambda))).toBeLessThan(0.05);
  });

  test('no light, no photons', () => {
    expect(randomStream(1).poisson(0)).toBe(0);
  });
});

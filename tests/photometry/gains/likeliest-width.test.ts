import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../src/demo/random.js';
import { likeliestWidth } from '../../../src/photometry/gains/likeliest-width.js';

const NOISE = 0.01;

/** The width told by eight values of the given true width, each with the same noise. */
function told(width: number, seed: number): number {
  const random = randomStream(seed);
  const values = Array.from({ length: 8 }, () => Math.hypot(width, NOISE) * random.normal());
  return likeliestWidth((of) => {
    const variance = of ** 2 + NOISE ** 2;
    return values.reduce((sum, v) => sum - 0.5 * (v ** 2 / variance + Math.log(variance)), 0);
  });
}

const seeds = Array.from({ length: 200 }, (_, seed) => seed + 1);

describe('the width of a prior', () => {
  it('is 0 where values differ by their noise, but for what chance does at 2 sigma', () => {
    // the likeliest of all widths would be wider than 0 for far more
    expect(seeds.filter((seed) => told(0, seed) > 0).length).toBeLessThan(10);
  });

  it('is that of the values, no narrower, where they clearly differ by more', () => {
    const widths = seeds.map((seed) => told(5 * NOISE, seed)).sort((a, b) => a - b);
    expect(widths[100]).toBeGreaterThan(0.85 * 5 * NOISE);
    expect(widths[100]).toBeLessThan(1.15 * 5 * NOISE);
  });
});

// What fluxes of stars that are drawn out one way are multiplied by: `src/astrometry/stars/keep-stars.ts` says why.
import { describe, expect, it } from 'vitest';
import { ELONGATION_LOSS, FEWEST_ELONGATED } from '../../../src/astrometry/stars/keep-stars.js';
import { sharedPasses } from '../../../src/simd/sample-passes.js';
import { gaussian, randomNumbers } from '../solver/synthetic-field.js';

/** Stars of a common elongation (ln of the axis ratio, along 0.4 radians), each with `scatter` of its own in both parts. */
function stars(count: number, common: number, scatter: number, seed: number) {
  const sources = { ellipticity: new Float64Array(count), angle: new Float64Array(count) };
  const random = randomNumbers(seed);
  for (let k = 0; k < count; k++) {
    const x = common * Math.cos(0.8) + scatter * gaussian(random);
    const y = common * Math.sin(0.8) + scatter * gaussian(random);
    sources.ellipticity[k] = 1 - Math.exp(-Math.hypot(x, y));
    sources.angle[k] = 0.5 * Math.atan2(y, x);
  }
  return sources;
}

/** ln of the factor, by those stars that count. */
function loss({ ellipticity, angle }: ReturnType<typeof stars>, counts: (k: number) => boolean = () => true) {
  const memory = sharedPasses();
  const chosen = Uint8Array.from(ellipticity, (_, k) => Number(counts(k)));
  const lists = [ellipticity, angle, chosen].map((list) => memory.put(list));
  const rules = [ellipticity.length, FEWEST_ELONGATED, ELONGATION_LOSS] as const;
  return Math.log(memory.passes.elongationFactor(lists[0], lists[1], lists[2], ...rules));
}

describe('the loss of elongated stars', () => {
  it('goes with the square of what their elongations have in common', () => {
    expect(loss(stars(50, 0.2, 0, 1))).toBeCloseTo(0.004, 6);
    expect(loss(stars(50, 0.4, 0, 1))).toBeCloseTo(0.016, 6);
  });

  it('is none, on average, of what noise or the optics give each star by itself, however few', () => {
    const factors = Array.from({ length: 2000 }, (_, i) => loss(stars(6, 0, 0.3, i + 1)));
    const mean = factors.reduce((a, b) => a + b, 0) / factors.length;
    // the squared mean of six such is 0.03, a hundredth of which would be 0.003
    expect(Math.abs(mean)).toBeLessThan(0.0003);
  });

  it('is told by the stars that count, and by five of them or not at all', () => {
    const sources = stars(10, 0.3, 0, 1);
    sources.ellipticity[7] = 0.9;
    expect(loss(sources, (k) => k !== 7)).toBeCloseTo(0.009, 6);
    expect(loss(sources, (k) => k < 4)).toBe(0);
  });
});

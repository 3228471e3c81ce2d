// Stars of a frame are looked at where they lie; only past saturated ones they are copied.
import { describe, expect, it } from 'vitest';
import type { StarList } from '../../src/astrometry/stars/star-list.js';
import { adjustStars } from '../../src/pipeline/phases/adjust-stars.js';
import { centroidSigma } from '../../src/pipeline/phases/solve.js';

function list(saturated: readonly number[], first: number): StarList {
  const count = saturated.length;
  const values = (step: number) => Array.from(saturated, (_, i) => first + step * i);
  return {
    count,
    x: Float64Array.from(values(1)),
    y: Float64Array.from(values(2)),
    flux: new Float32Array(count),
    channelFlux: [new Float32Array(count)],
    snr: Float32Array.from(values(3)),
    fwhm: Float32Array.from(values(0.5)),
    ellipticity: new Float32Array(count),
    saturated: Uint8Array.from(saturated),
    medianFwhm: 2,
    medianEllipticity: 0,
  };
}

describe('stars of a joint adjustment', () => {
  const lists = [list([0, 0, 0], 10), list([1, 0, 1, 0, 0], 20), list([0, 0, 1], 30), list([], 40)];
  const sound = [[0, 1, 2], [1, 3, 4], [0, 1], []];

  it.each([3, 2, 1])('are the first %i of each that are not saturated, in their order', (most) => {
    const looked = adjustStars(lists, most);
    lists.forEach((stars, f) => {
      const expected = sound[f].slice(0, most);
      const { count, x, y, sigma } = looked[f];
      expect(count).toBe(expected.length);
      expect(Array.from(x)).toEqual(expected.map((i) => stars.x[i]));
      expect(Array.from(y)).toEqual(expected.map((i) => stars.y[i]));
      const errors = Float32Array.from(expected, (i) => centroidSigma(stars, i));
      expect(Array.from(sigma)).toEqual(Array.from(errors));
    });
  });

  it('stand where they were, unless a saturated one is among them', () => {
    const isThere = (most: number) =>
      adjustStars(lists, most).map(
        ({ x, y }, f) => x.buffer === lists[f].x.buffer && y.buffer === lists[f].y.buffer,
      );
    expect(isThere(3)).toEqual([true, false, false, true]);
    expect(isThere(2)).toEqual([true, false, true, true]);
  });
});

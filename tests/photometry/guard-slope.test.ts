// The allowance for stars grows with what the frames' seeing differs by, and one spoilt frame does not set it.
import { expect, it } from 'vitest';
import { GUARD_SLOPE, guardSlope, PAIRS_STAY, pairSlope } from '../../src/photometry/guard-slope.js';

const sigma = (fwhm: number) => fwhm / 2.3548;
/** Flux 1 in a Gaussian star: height r pixels from its middle. */
const height = (fwhm: number, r: number) => Math.exp(-0.5 * (r / sigma(fwhm)) ** 2) / sigma(fwhm) ** 2;

it('frames of one seeing get the slope of star phases alone', () => {
  expect(guardSlope([3, 3, 3, 3])).toBe(GUARD_SLOPE);
  expect(guardSlope([3])).toBe(GUARD_SLOPE);
  expect(guardSlope([NaN, 0, 3.1])).toBe(GUARD_SLOPE);
});

it.each([
  [3, 4.8],
  [4, 3],
  [2.5, 3],
])('a star of %s px passes between stars of %s px, with room to spare', (own, typical) => {
  const slope = guardSlope([typical, typical, typical, own, own]);
  const step = height(typical, 0) - height(typical, 1);
  const excess = Math.abs(height(own, 0) - height(typical, 0));
  // Half of the limit is where the guard begins to look at the surroundings.
  expect(excess).toBeLessThan(0.5 * slope * step);
});

it('one frame in twenty that is out of focus does not open the guard', () => {
  expect(guardSlope([...new Array<number>(19).fill(3), 9])).toBe(GUARD_SLOPE);
});

it.each([
  [2.4, 3.7, 3],
  [2.6, 4.1, 2.8],
])(
  'of a pair a star of %s px passes beside one of %s px where most frames show %s px',
  (sharp, soft, typical) => {
    const fwhm = [sharp, ...new Array<number>(8).fill(typical), soft];
    const step = height(soft, 0) - height(soft, 1);
    const excess = height(sharp, 0) - height(soft, 0);
    expect(excess).toBeLessThan(pairSlope(fwhm) * step);
  },
);

it('pairs of frames of one seeing get the slope of all, and one spoilt frame of forty does not open their guard', () => {
  expect(pairSlope([3, 3, 3])).toBe(GUARD_SLOPE);
  expect(pairSlope([2.3, 3, 3, 4.8])).toBe(PAIRS_STAY);
  expect(pairSlope([2.8, 3, 3.1])).toBeGreaterThanOrEqual(guardSlope([2.8, 3, 3.1]));
  expect(pairSlope([...new Array<number>(39).fill(3), 9])).toBe(GUARD_SLOPE);
});

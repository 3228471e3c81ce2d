import { describe, expect, it } from 'vitest';
import { findTrails, isPieceOf } from '../../../src/astrometry/stars/find-trails.js';
import { randomNumbers } from '../solver/synthetic-field.js';

const [WIDTH, HEIGHT] = [1080, 1920];
const random = randomNumbers(4);
const source = (x: number, y: number, angle: number, ellipticity = 0.6) => ({
  x,
  y,
  angle,
  ellipticity,
  fwhm: 3,
});
const anywhere = () => [WIDTH * random(), HEIGHT * random()] as const;

/** Pieces of a trail through (x, y), a hundred samples apart. */
const pieces = (x: number, y: number, angle: number, count = 14) =>
  Array.from({ length: count }, (_, i) => {
    const t = 100 * (i - count / 2) + 40 * random();
    const side = random() - 0.5;
    return source(
      x + t * Math.cos(angle) - side * Math.sin(angle),
      y + t * Math.sin(angle) + side * Math.cos(angle),
      angle + 0.2 * (random() - 0.5),
    );
  });

describe('findTrails', () => {
  it('finds each of several, among stars', () => {
    const stars = Array.from({ length: 150 }, () => source(...anywhere(), 3 * random(), 0.5 * random()));
    const [one, other] = [pieces(500, 900, 1.1), pieces(400, 1000, -0.4, 9)];
    const trails = findTrails([...stars, ...one, ...other], WIDTH, HEIGHT);
    expect(trails).toHaveLength(2);
    for (const piece of [...one, ...other])
      expect(trails.some((trail) => isPieceOf(trail, piece))).toBe(true);
    // a round star on the line is a star
    expect(trails.some((trail) => isPieceOf(trail, { ...one[3], ellipticity: 0.1 }))).toBe(false);
  });

  it.each([
    ['all drawn out one way', () => Array.from({ length: 200 }, () => source(...anywhere(), 0.5))],
    [
      'each in pieces one behind the other',
      () =>
        Array.from({ length: 12 }, anywhere).flatMap(([x, y]) =>
          Array.from({ length: 6 }, (_, i) => source(x + 12 * i, y + 6 * i, 0.46)),
        ),
    ],
    ['drawn out at random', () => Array.from({ length: 200 }, () => source(...anywhere(), 3 * random()))],
  ])('none in a frame of stars %s', (_, stars) => {
    for (let i = 0; i < 10; i++) expect(findTrails(stars(), WIDTH, HEIGHT)).toEqual([]);
  });
});

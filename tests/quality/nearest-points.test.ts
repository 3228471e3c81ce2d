import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nearestPoints } from '../../src/quality/nearest-points.js';

test('each place gets the first of the points that lie nearest to it, none where there is none', () => {
  const point = fc.record({ x: fc.integer({ min: -4, max: 4 }), y: fc.integer({ min: -4, max: 4 }) });
  const distance = (a: { x: number; y: number }, b: { x: number; y: number }) =>
    (a.x - b.x) ** 2 + (a.y - b.y) ** 2;
  fc.assert(
    fc.property(fc.array(point), fc.array(point), (points, places) => {
      const expected = places.map((place) => {
        const all = points.map((other) => distance(other, place));
        return all.indexOf(Math.min(...all));
      });
      expect([...nearestPoints(points, places)]).toEqual(expected);
    }),
  );
  expect([...nearestPoints([{ x: NaN, y: 0 }], [{ x: 1, y: 1 }])]).toEqual([-1]);
});

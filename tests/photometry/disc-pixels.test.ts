import { expect, it } from 'vitest';
import { discPixels } from '../../src/photometry/disc-pixels.js';

it('pixels of discs are those within the radius, once each, ascending, and inside the frame', () => {
  const discs = [
    { x: 12.3, y: 9.6, radius: 3.4 },
    { x: 14, y: 8, radius: 2 },
    { x: 0.4, y: 19, radius: 2.5 },
  ];
  const [nx, ny] = [23, 20];
  const inside = Array.from({ length: nx * ny }, (_, k) => k).filter((k) =>
    discs.some(({ x, y, radius }) => Math.hypot((k % nx) - x, Math.floor(k / nx) - y) <= radius),
  );
  expect([...discPixels(discs, nx, ny)]).toEqual(inside);
});

import { expect, it } from 'vitest';
import { isOnStrip } from '../../../src/astrometry/trails/trail-strip.js';
import { leftOutPixels } from '../../../src/pipeline/planning/left-out-pixels.js';
import { PIECE_PX } from '../../../src/pipeline/planning/trail-plan.js';

const discs = [
  { x: 12.3, y: 9.6, radius: 3.4 },
  { x: 14, y: 8, radius: 2 },
  { x: 0.4, y: 19, radius: 2.5 },
];

it('pixels of discs are those within the radius, once each, ascending, and inside the frame', () => {
  const [nx, ny] = [23, 20];
  const inside = Array.from({ length: nx * ny }, (_, k) => k).filter((k) =>
    discs.some(({ x, y, radius }) => Math.hypot((k % nx) - x, Math.floor(k / nx) - y) <= radius),
  );
  expect([...leftOutPixels(discs, [], nx, ny)]).toEqual(inside);
});

it('pixels of strips are those on pieces that are left out, whichever way they run, with those of discs', () => {
  const [nx, ny] = [83, 60];
  // nearer to rows, nearer to columns, along both diagonals, beyond the frame
  const strips = [10, 100, 45, -45, 200].map((degrees, k) => {
    const [across, along] = [Math.cos((degrees / 180) * Math.PI), Math.sin((degrees / 180) * Math.PI)];
    const t = 40 * along - 30 * across;
    return {
      ...{ nx: across, ny: along, offset: 40 * across + 30 * along + k, halfWidth: 2.3 + k / 7, snr: 9 },
      ...{ from: t - 29.5, to: t + 27.2 + 20 * k },
    };
  });
  const trails = strips.map((strip, k) => ({
    strip,
    pieces: Uint8Array.from({ length: Math.ceil((strip.to - strip.from) / PIECE_PX) }, (_, p) =>
      Number((p + k) % 3 !== 1),
    ),
  }));
  const inside = Array.from({ length: nx * ny }, (_, k) => k).filter((k) => {
    const [x, y] = [k % nx, Math.floor(k / nx)];
    const isOnPiece = trails.some(({ strip, pieces }) => {
      const piece = Math.floor((x * strip.ny - y * strip.nx - strip.from) / PIECE_PX);
      return isOnStrip(strip, x, y) && pieces[piece] === 1;
    });
    return isOnPiece || discs.some((disc) => Math.hypot(x - disc.x, y - disc.y) <= disc.radius);
  });
  expect(inside.length).toBeGreaterThan(500);
  expect([...leftOutPixels(discs, trails, nx, ny)]).toEqual(inside);
});

it('of nothing there are none', () => {
  expect(leftOutPixels([], [], 10, 10)).toHaveLength(0);
});

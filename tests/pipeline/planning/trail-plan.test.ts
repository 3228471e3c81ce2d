// What is left out of frames for trails opens no hole, and what the sky or the sensor shows again stays.
import { expect, it } from 'vitest';
import type { TrailStrip } from '../../../src/astrometry/trails/trail-strip.js';
import { footprint } from '../../../src/astrometry/wcs/footprint.js';
import { makeTanWcs } from '../../../src/astrometry/wcs/tan-wcs.js';
import { blockSpans } from '../../../src/pipeline/planning/block-spans.js';
import {
  PIECE_PX,
  planTrails,
  trailPixels,
  type TrailFrame,
} from '../../../src/pipeline/planning/trail-plan.js';

const SCALE = 7e-4;
const SIDE = 400;
const grid = {
  wcs: makeTanWcs({ crval: [10, 20], crpix: [400, 400], cd: [-SCALE, 0, 0, SCALE], shape: [900, 900] }),
};

/** A frame whose first pixel lies at (x, y) of the grid. */
function frame(x: number, y: number, ...trails: TrailStrip[]): TrailFrame {
  const wcs = makeTanWcs({
    crval: [10, 20],
    crpix: [400 - x, 400 - y],
    cd: [-SCALE, 0, 0, SCALE],
    shape: [SIDE, SIDE],
  });
  const corners = footprint(wcs, SIDE, SIDE).flatMap(([ra, dec]) =>
    grid.wcs.skyToPixel(ra, dec)!.map((p) => p - 1),
  );
  const spans = blockSpans(Float64Array.from(corners), 900, 900);
  return { wcs, nx: SIDE, ny: SIDE, edges: { x: 0, y: 0 }, spans, trails };
}

/** Along row `y`, and along column `x`, of a frame. */
const row = (y: number): TrailStrip => ({
  nx: 0,
  ny: 1,
  offset: y,
  from: -8,
  to: 408,
  halfWidth: 4,
  snr: 50,
});
const column = (x: number): TrailStrip => ({
  nx: 1,
  ny: 0,
  offset: x,
  from: -408,
  to: 8,
  halfWidth: 4,
  snr: 50,
});

const places = (pixels: readonly number[]) => pixels.map((k) => [k % SIDE, Math.floor(k / SIDE)] as const);

it('leaves a trail out where another frame shows the sky, and there alone', () => {
  const frames = [frame(100, 100, row(200)), frame(300, 100)];
  const { leftOut, repeated } = planTrails(grid, frames);
  expect([repeated, leftOut[1].length]).toEqual([0, 0]);
  const pixels = places(trailPixels(leftOut[0], SIDE, SIDE));
  // the other frame begins at column 200 of this one
  expect(Math.min(...pixels.map(([x]) => x))).toBeGreaterThanOrEqual(200);
  expect(Math.min(...pixels.map(([x]) => x))).toBeLessThan(200 + 3 * PIECE_PX);
  expect(Math.max(...pixels.map(([x]) => x))).toBe(SIDE - 1);
  expect(new Set(pixels.map(([, y]) => y))).toEqual(new Set([196, 197, 198, 199, 200, 201, 202, 203, 204]));
});

it('leaves nothing out of a frame that nothing overlaps', () => {
  const { leftOut } = planTrails(grid, [frame(0, 0, row(200)), frame(450, 0)]);
  expect(leftOut).toEqual([[], []]);
});

it('leaves one frame at the crossing of the trails of two', () => {
  const frames = [frame(100, 100, row(200)), frame(100, 100, column(150))];
  const { leftOut } = planTrails(grid, frames);
  const [a, b] = leftOut.map((trails) => new Set(trailPixels(trails, SIDE, SIDE)));
  expect([...a].filter((k) => b.has(k))).toEqual([]);
  // nearly all of both goes
  for (const set of [a, b]) expect(set.size).toBeGreaterThan(9 * (SIDE - 6 * PIECE_PX));
});

it('leaves what two frames show at one place of the sky, or of the sensor', () => {
  // 50 rows further up on the sky, and so lower in the frame
  const sky = planTrails(grid, [frame(100, 100, row(200)), frame(110, 150, row(150))]);
  const sensor = planTrails(grid, [frame(100, 100, row(200)), frame(110, 150, row(201))]);
  const neither = planTrails(grid, [frame(100, 100, row(200)), frame(110, 150, row(175))]);
  const has = ({ leftOut }: typeof sky) => leftOut.map((trails) => trails.length);
  expect([sky.repeated, ...has(sky)]).toEqual([2, 0, 0]);
  expect([sensor.repeated, ...has(sensor)]).toEqual([2, 0, 0]);
  expect([neither.repeated, ...has(neither)]).toEqual([0, 1, 1]);
});

it('takes one that goes on in the next frame where the first has ended for two trails', () => {
  // a slow satellite
  const first = { ...row(200), from: 20, to: 180 };
  const next = { ...row(150), from: 170, to: 330 };
  const { leftOut, repeated } = planTrails(grid, [frame(100, 100, first), frame(100, 150, next)]);
  expect([repeated, ...leftOut.map((trails) => trails.length)]).toEqual([0, 1, 1]);
});

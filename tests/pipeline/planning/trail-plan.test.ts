// What is left out of frames for trails opens no hole, and what the sky or the sensor shows again stays.
import { describe, expect, it } from 'vitest';
import type { TrailStrip } from '../../../src/astrometry/trails/trail-strip.js';
import { footprint } from '../../../src/astrometry/wcs/footprint.js';
import { makeTanWcs } from '../../../src/astrometry/wcs/tan-wcs.js';
import { randomNumbers } from '../../astrometry/solver/synthetic-field.js';
import { blockSpans } from '../../../src/pipeline/planning/grid/block-spans.js';
import { leftOutPixels } from '../../../src/pipeline/planning/left-out-pixels.js';
import { PIECE_PX, planTrails, type TrailFrame } from '../../../src/pipeline/planning/trail-plan.js';

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

const places = (pixels: Uint32Array) => [...pixels].map((k) => [k % SIDE, Math.floor(k / SIDE)] as const);

it('leaves a trail out where another frame shows the sky, and there alone', () => {
  const frames = [frame(100, 100, row(200)), frame(300, 100)];
  const { leftOut, repeated } = planTrails(grid, frames);
  expect([repeated, leftOut[1].length]).toEqual([0, 0]);
  const pixels = places(leftOutPixels([], leftOut[0], SIDE, SIDE));
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
  const [a, b] = leftOut.map((trails) => new Set(leftOutPixels([], trails, SIDE, SIDE)));
  expect([...a].filter((k) => b.has(k))).toEqual([]);
  // nearly all of both goes
  for (const set of [a, b]) expect(set.size).toBeGreaterThanOrEqual(9 * (SIDE - 7 * PIECE_PX));
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

describe('no hole opens', () => {
  const REACH = 6;
  const around = [0, 1, 2, 3, 4, 5, 6, 7].map((k) => [
    REACH * Math.cos((k * Math.PI) / 4),
    REACH * Math.sin((k * Math.PI) / 4),
  ]);

  /** Pixels left out of a frame that no other shows, from where its samples and what is left out of it are as far as a warp reaches. */
  function unseen(frames: readonly TrailFrame[], { leftOut }: ReturnType<typeof planTrails>): number {
    const out = frames.map(({ nx, ny }, f) => new Set(leftOutPixels([], leftOut[f], nx, ny)));
    const shows = ({ wcs, nx, ny }: TrailFrame, g: number, sky: readonly [number, number]) => {
      const [x, y] = wcs.skyToPixel(...sky)!.map((p) => p - 1);
      if (x < REACH || y < REACH || x > nx - 1 - REACH || y > ny - 1 - REACH) return false;
      return around.every(([dx, dy]) => !out[g].has(Math.round(y + dy) * nx + Math.round(x + dx)));
    };
    let count = 0;
    frames.forEach(({ wcs, nx }, f) => {
      for (const k of out[f]) {
        if (k % 3 > 0) continue;
        const sky = wcs.pixelToSky((k % nx) + 1, Math.floor(k / nx) + 1)!;
        if (!frames.some((other, g) => g !== f && shows(other, g, sky))) count++;
      }
    });
    return count;
  }

  it('beside trails of any width and direction, in frames that overlap anyhow', () => {
    const random = randomNumbers(4);
    const trail = (): TrailStrip => {
      const angle = Math.PI * random();
      const [nx, ny] = [Math.cos(angle), Math.sin(angle)];
      const [x, y] = [SIDE * random(), SIDE * random()];
      const middle = x * ny - y * nx;
      const ends = { from: middle - 300 * random(), to: middle + 300 * random() };
      return { nx, ny, offset: x * nx + y * ny, ...ends, halfWidth: 2 + 24 * random(), snr: 50 };
    };
    let left = 0;
    for (let round = 0; round < 12; round++) {
      const frames = [0, 1, 2].map(() => frame(150 * random(), 150 * random(), trail(), trail()));
      const plan = planTrails(grid, frames);
      expect(unseen(frames, plan)).toBe(0);
      left += plan.leftOut.flat().length;
    }
    expect(left).toBeGreaterThan(40);
  });

  it('where two others are to show the sky, as drops of one do not cover it', () => {
    const three = [frame(100, 100, row(200)), frame(100, 100), frame(300, 100)];
    const columns = (least: number) => {
      const { leftOut } = planTrails(grid, three, least);
      return Math.min(...places(leftOutPixels([], leftOut[0], SIDE, SIDE)).map(([x]) => x));
    };
    expect(columns(1)).toBeLessThan(50);
    expect(columns(2)).toBeGreaterThan(200);
  });

  it('in a frame of coarser pixels than those of the other', () => {
    const coarse = frame(0, 0, { ...row(200), halfWidth: 12 });
    const wcs = makeTanWcs({
      crval: [10, 20],
      crpix: [800, 800],
      cd: [-SCALE / 4, 0, 0, SCALE / 4],
      shape: [SIDE, SIDE],
    });
    // 100 of its pixels high: 24 of the trail, and rows above and below
    const fine = { ...frame(200, 172), wcs, nx: SIDE, ny: SIDE };
    expect(unseen([coarse, fine], planTrails(grid, [coarse, fine]))).toBe(0);
  });

  it('where the other frame is blank, or has something else left out', () => {
    const blankCells = new Uint8Array(36);
    // columns 128 to 191
    for (let j = 0; j < 6; j++) blankCells[6 * j + 2] = 1;
    const other = {
      ...frame(100, 100),
      blanks: { blankCells, grid: { nx: 6, ny: 6, stepPx: 64 } },
      spoilt: [{ x: 300, y: 205, radius: 12 }],
    };
    const { leftOut } = planTrails(grid, [frame(100, 100, row(200)), other]);
    const columns = new Set(places(leftOutPixels([], leftOut[0], SIDE, SIDE)).map(([x]) => x));
    const has = (from: number, to: number) => [...columns].some((x) => x >= from && x < to);
    expect([has(60, 122), has(122, 198), has(198, 282), has(282, 319), has(319, 380)]).toEqual([
      true,
      false,
      true,
      false,
      true,
    ]);
  });
});

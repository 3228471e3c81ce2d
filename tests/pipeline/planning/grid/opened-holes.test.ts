// Frames left out open a hole where no other frame shows the sky, and nowhere else.
import { expect, it } from 'vitest';
import { blockSpans } from '../../../../src/pipeline/planning/grid/block-spans.js';
import { openedHoles } from '../../../../src/pipeline/planning/grid/opened-holes.js';

const grid = { nx: 640, ny: 320 };
const frame = (x0: number, x1: number) =>
  blockSpans(Float64Array.of(x0, 4, x1, 4, x1, 300, x0, 300), grid.nx, grid.ny);

it('counts the frames that alone showed some of the sky, and how much of it', () => {
  const frames = [frame(4, 300), frame(4, 300), frame(200, 600)];
  expect(openedHoles(grid, frames, [true, false, true])).toEqual({ frames: 0, fraction: 0 });
  // five of ten columns of blocks are the third frame's alone
  expect(openedHoles(grid, frames, [true, true, false])).toEqual({ frames: 1, fraction: 0.5 });
});

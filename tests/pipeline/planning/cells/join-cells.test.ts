import { describe, expect, it } from 'vitest';
import type { Cell } from '../../../../src/pipeline/planning/cells/cell.js';
import { joinCells } from '../../../../src/pipeline/planning/cells/join-cells.js';

const cell = (x0: number, y0: number, width: number, height: number, frames: number[]): Cell => ({
  rect: { x0, y0, width, height },
  frames: Uint32Array.from(frames),
});
const rects = (cells: readonly Cell[]) =>
  cells.map(({ rect: { x0, y0, width, height } }) => [x0, y0, width, height]);
const always = () => true;

describe('joined cells', () => {
  it('grow in both directions, as long as one turn still finds a neighbour', () => {
    const column = Array.from({ length: 4 }, (_, i) => cell(0, 64 * i, 64, 64, [0]));
    expect(rects(joinCells(column, always))).toEqual([[0, 0, 64, 256]]);
    const square = [0, 1].flatMap((y) => [0, 1].map((x) => cell(64 * x, 64 * y, 64, 64, [0])));
    expect(rects(joinCells(square, always))).toEqual([[0, 0, 128, 128]]);
  });

  it('share two of three of their frames at least, which stay in the canonical order, each once', () => {
    const pair = (a: number[], b: number[]) =>
      joinCells([cell(0, 0, 64, 64, a), cell(64, 0, 64, 64, b)], always);
    // four together, of three each
    expect([...pair([2, 9, 10], [1, 2, 9])[0].frames]).toEqual([1, 2, 9, 10]);
    // four together, of three and two
    expect(pair([0, 1, 2], [2, 3])).toHaveLength(2);
    expect(pair([0, 1], [2, 3])).toHaveLength(2);
  });

  it('are rectangles, of 2^17 pixels at most, and no two of what does not fit', () => {
    const uneven = [cell(0, 0, 64, 64, [0]), cell(64, 0, 64, 128, [0])];
    expect(joinCells(uneven, always)).toHaveLength(2);
    const large = [cell(0, 0, 256, 512, [0]), cell(256, 0, 64, 512, [0])];
    expect(joinCells(large, always)).toHaveLength(2);
    const fits = ({ rect }: Cell) => rect.width < 256;
    const row = Array.from({ length: 4 }, (_, i) => cell(64 * i, 0, 64, 64, [0]));
    expect(rects(joinCells(row, fits))).toEqual([
      [0, 0, 128, 64],
      [128, 0, 128, 64],
    ]);
  });

  it('cover what they covered, once, and come row by row', () => {
    const cells = [0, 1, 2].flatMap((y) =>
      [0, 1, 2, 3, 4].map((x) => cell(64 * x, 64 * y, 64, 64, x < 3 ? [0] : [0, 1, 2, 3])),
    );
    const joined = joinCells([...cells].reverse(), always);
    expect(joined.reduce((sum, { rect }) => sum + rect.width * rect.height, 0)).toBe(15 * 64 ** 2);
    const order = joined.map(({ rect }) => 1e6 * rect.y0 + rect.x0);
    expect(order).toEqual([...order].sort((a, b) => a - b));
    for (const { rect, frames } of joined) expect([...frames]).toEqual(rect.x0 < 192 ? [0] : [0, 1, 2, 3]);
  });
});

// Cells of a plan that are joined to larger ones where they share their frames.
import type { Cell } from './cell.js';

/** Joined cells are no larger, pixels: with windows of this size neither halo nor calls weigh much. */
export const SMALL_PIXELS = 2 ** 17;
/** Two cells are joined where they have at most this part of their frames, each counted by itself, together: half where they have the same ones. */
const SHARED = 2 / 3;

/** Neighbours of one width or height that form a rectangle, share most of their frames and fit together, joined again and again; row by row. */
export function joinCells(cells: readonly Cell[], fits: (cell: Cell) => boolean): Cell[] {
  let all = [...cells];
  for (let turn = 0, idle = 0; idle < 2; turn++) {
    const before = all.length;
    all = joinAlong(turn % 2 === 0 ? 'x' : 'y', all, fits);
    idle = all.length < before ? 0 : idle + 1;
  }
  return all.sort((a, b) => a.rect.y0 - b.rect.y0 || a.rect.x0 - b.rect.x0);
}

/** Every cell is joined to one neighbour at most, so that they grow in both directions alike. */
function joinAlong(axis: 'x' | 'y', cells: readonly Cell[], fits: (cell: Cell) => boolean): Cell[] {
  const left = new Map(cells.map((cell) => [`${cell.rect.x0} ${cell.rect.y0}`, cell]));
  const result: Cell[] = [];
  for (const [key, cell] of left) {
    left.delete(key);
    const { x0, y0, width, height } = cell.rect;
    const next = axis === 'x' ? `${x0 + width} ${y0}` : `${x0} ${y0 + height}`;
    const neighbour = left.get(next);
    const both = neighbour && joinedCell(axis, cell, neighbour);
    const isJoined = both !== undefined && fits(both);
    if (isJoined) left.delete(next);
    result.push(isJoined ? both : cell);
  }
  return result;
}

function joinedCell(axis: 'x' | 'y', a: Cell, b: Cell): Cell | undefined {
  const rect =
    axis === 'x'
      ? { ...a.rect, width: a.rect.width + b.rect.width }
      : { ...a.rect, height: a.rect.height + b.rect.height };
  const isRectangle = axis === 'x' ? a.rect.height === b.rect.height : a.rect.width === b.rect.width;
  if (!isRectangle || rect.width * rect.height > SMALL_PIXELS) return undefined;
  const frames = Uint32Array.from(new Set([...a.frames, ...b.frames])).sort();
  return frames.length <= SHARED * (a.frames.length + b.frames.length) ? { rect, frames } : undefined;
}

// A coarse grid of sky level and noise over one frame: what is kept of a frame's background once its pixels are forgotten.

/**
 * Level and noise on a grid of cells over a frame of `width` x `height` pixels. Cell (i, j) covers columns i*stepPx .. (i+1)*stepPx - 1
 * (rows alike); the last cell of a row or column takes what is left, between half a step and one and a half (a frame smaller than
 * one step is one cell). Arrays are `[ny, nx]` row-major, one per channel, in ADU of a raw pixel;
 * every value is finite.
 */
export interface LevelGrid {
  readonly nx: number;
  readonly ny: number;
  readonly stepPx: number;
  readonly width: number;
  readonly height: number;
  /** Sky level per channel. */
  readonly level: readonly Float32Array[];
  /** Standard deviation of one raw pixel per channel. */
  readonly noise: readonly Float32Array[];
}

/** Number of cells along a side of `size` pixels: size / step rounded, at least 1. */
export function cellCount(size: number, stepPx: number): number {
  return Math.max(1, Math.round(size / stepPx));
}

/** First pixel and number of pixels of cell `index` along a side of `size` pixels. */
export function cellSpan(size: number, stepPx: number, index: number): { start: number; length: number } {
  const last = index === cellCount(size, stepPx) - 1;
  return { start: index * stepPx, length: last ? size - index * stepPx : stepPx };
}

/** Centre of cell `index` along a side, in 0-based pixels (centre of the first pixel = 0). */
export function cellCentre(size: number, stepPx: number, index: number): number {
  const { start, length } = cellSpan(size, stepPx, index);
  return start + (length - 1) / 2;
}

/**
 * Values of one channel's array of a grid at frame position (x, y), 0-based pixels: bilinear between cell centres, continued
 * linearly over the half cell outside the outermost centres.
 */
export function sampleGrid(grid: LevelGrid, values: Float32Array, x: number, y: number): number {
  const [i, u] = locate(grid.width, grid.stepPx, grid.nx, x);
  const [j, v] = locate(grid.height, grid.stepPx, grid.ny, y);
  const iNext = Math.min(i + 1, grid.nx - 1);
  const jNext = Math.min(j + 1, grid.ny - 1);
  const top = values[j * grid.nx + i] * (1 - u) + values[j * grid.nx + iNext] * u;
  const bottom = values[jNext * grid.nx + i] * (1 - u) + values[jNext * grid.nx + iNext] * u;
  return top * (1 - v) + bottom * v;
}

/** Lower cell of the interval to interpolate in, and the position in it (0 at that cell's centre, 1 at the next one's). */
function locate(size: number, stepPx: number, count: number, position: number): [number, number] {
  if (count === 1) return [0, 0];
  const guess = Math.floor((position - (stepPx - 1) / 2) / stepPx);
  const cell = Math.min(Math.max(guess, 0), count - 2);
  const from = cellCentre(size, stepPx, cell);
  const to = cellCentre(size, stepPx, cell + 1);
  return [cell, (position - from) / (to - from)];
}

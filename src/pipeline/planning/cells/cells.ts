// Cells: the rectangles of blocks that are integrated one at a time, of the size within the memory budget that costs least.
import { BLOCK_SIZE } from '../../../compute/constants.js';
import { CodedError } from '../../../errors.js';
import { touches } from '../grid/block-spans.js';
import { cellMemory, cubeBytes, type CellBytes, type CellMemory } from './cell-memory.js';
import {
  cellCost,
  CellReader,
  readFrame,
  windowPixels,
  type CellFrame,
  type ReadFrame,
} from './cell-reads.js';
import type { Cell } from './cell.js';
import { joinCells, SMALL_PIXELS } from './join-cells.js';
import type { OutputGrid } from '../grid/output-grid.js';

export type { Cell } from './cell.js';
export type { CellFrame } from './cell-reads.js';

export interface CellOptions extends CellMemory {
  /** Pixels that a window needs around what the cell maps to, on each side. */
  readonly halo: number;
  /** Bytes that cube, results and windows of one cell may take together. */
  readonly memoryBytes: number;
  /** Largest single buffer of the backend, bytes. */
  readonly maxBufferBytes: number;
  /** True where its buffers are memory of this process. */
  readonly onHost: boolean;
  /** Side of a cell asked for, pixels; 0 = choose. */
  readonly cellSizePx: number;
}

export interface CellPlan extends CellBytes {
  readonly cells: readonly Cell[];
  /** What a cell may take. */
  readonly mostBytes: number;
  /** Of the cells that are not joined ones. */
  readonly widthPx: number;
  readonly heightPx: number;
  /** Most frames over one cell. */
  readonly maxFrames: number;
  /** Pixels read / pixels of all frames. */
  readonly readAmplification: number;
}

/** Small cells are joined where they share their frames, which of one size spares a third of what they cost, of the next hardly any: sizes that cost so much more than the best before are looked at again as they will be ... */
const JOINING_SAVES = 1.5;
/** ... so many at most, the best first: of ten thousand frames each takes some 0.1 s. */
const MOST_JOINED = 8;

/** No cell fits the memory budget. */
export class CellBudgetError extends CodedError {}

/** @throws CellBudgetError when not even a single block fits. */
export function planCells(grid: OutputGrid, placed: readonly CellFrame[], options: CellOptions): CellPlan {
  const frames = placed.map(readFrame);
  const blocksX = Math.ceil(grid.nx / BLOCK_SIZE);
  const blocksY = Math.ceil(grid.ny / BLOCK_SIZE);
  const sizes = candidates(blocksX, blocksY, options.cellSizePx);
  // warps that wait may take less than a cube that must not be larger than a buffer may be
  const mostBytes = options.late
    ? options.maxBufferBytes
    : Math.min(options.memoryBytes, options.maxBufferBytes);
  const reader = new CellReader(grid, frames, options.halo);
  const framePixels = pixelsOf(frames);
  const tried: TriedSize[] = [];
  let least = Infinity;
  for (const size of sizes) {
    const pixels = pixelsOfCell(grid, size);
    const reads = reader.reads(size, {
      // samples that are too many as they are
      frames: mostBytes / cubeBytes(options.planes, 1, pixels),
      cost: JOINING_SAVES * least,
    });
    if (!reads) continue;
    const bytes = cellMemory(options, { pixels, ...reads, frames: reads.maxFrames, windows: reads.maxRead });
    if (!fits(options, bytes)) continue;
    const cost = cellCost(reads, options.onHost ? bytes.cellBytes : 0, framePixels);
    tried.push({ size, cost });
    least = Math.min(least, cost);
  }
  const best = bestOf(grid, frames, options, tried);
  if (best) return best;
  const smallest = planOf(grid, frames, options, sizes[sizes.length - 1]);
  const mib = (bytes: number) => Math.ceil(bytes / 2 ** 20);
  const [needed, budget] =
    smallest.cellBytes > options.memoryBytes
      ? [smallest.cellBytes, options.memoryBytes]
      : [smallest.bufferBytes, options.maxBufferBytes];
  throw new CellBudgetError('pipeline_cell_over_budget', { needed: mib(needed), budget: mib(budget) });
}

interface TriedSize {
  readonly size: readonly [number, number];
  /** Of cells none of which are joined. */
  readonly cost: number;
}

/** The plan that costs least, with small cells joined; undefined where nothing has been tried with success. */
function bestOf(
  grid: OutputGrid,
  frames: readonly ReadFrame[],
  options: CellOptions,
  tried: readonly TriedSize[],
): CellPlan | undefined {
  const [first, ...others] = [...tried].sort((a, b) => a.cost - b.cost);
  if (!first) return undefined;
  const plan = planOf(grid, frames, options, first.size);
  if (options.cellSizePx > 0) return plan;
  const whole = joined(frames, options, plan);
  let best = { plan: whole, cost: costOf(frames, options, whole) };
  const small = others.filter(
    ({ size, cost }) => cost < JOINING_SAVES * first.cost && isJoined(pixelsOfCell(grid, size)),
  );
  for (const { size } of small.slice(0, MOST_JOINED - 1)) {
    const plan = joined(frames, options, planOf(grid, frames, options, size));
    const cost = costOf(frames, options, plan);
    if (cost < best.cost) best = { plan, cost };
  }
  return best.plan;
}

function costOf(
  frames: readonly ReadFrame[],
  { onHost }: CellOptions,
  { cells, cellBytes, readAmplification }: CellPlan,
): number {
  const framePixels = pixelsOf(frames);
  const windows = cells.reduce((sum, cell) => sum + cell.frames.length, 0);
  const reads = { read: readAmplification * framePixels, windows, cells: cells.length };
  return cellCost(reads, onHost ? cellBytes : 0, framePixels);
}

/** Whether cells of so many pixels may be joined. */
const isJoined = (pixels: number): boolean => pixels <= SMALL_PIXELS / 2;

function fits({ memoryBytes, maxBufferBytes }: CellOptions, { cellBytes, bufferBytes }: CellBytes): boolean {
  return cellBytes <= memoryBytes && bufferBytes <= maxBufferBytes;
}

/** Sizes in blocks to try: the one asked for, or whole fractions of the grid in each direction; the smallest last. */
function candidates(blocksX: number, blocksY: number, cellSizePx: number): [number, number][] {
  if (cellSizePx > 0) {
    const side = Math.max(1, Math.round(cellSizePx / BLOCK_SIZE));
    return [[Math.min(side, blocksX), Math.min(side, blocksY)]];
  }
  const sizes = (blocks: number) => {
    const set = new Set<number>();
    for (let parts = 1; parts <= blocks; parts = parts < 16 ? parts + 1 : parts * 2) {
      set.add(Math.ceil(blocks / parts));
    }
    return [...set.add(1)];
  };
  return sizes(blocksX).flatMap((w) => sizes(blocksY).map((h): [number, number] => [w, h]));
}

/** Frames over each of the cells of `w` x `h` blocks, row by row. */
function membersOf(grid: OutputGrid, frames: readonly ReadFrame[], w: number, h: number): number[][] {
  const cellsX = Math.ceil(Math.ceil(grid.nx / BLOCK_SIZE) / w);
  const cellsY = Math.ceil(Math.ceil(grid.ny / BLOCK_SIZE) / h);
  const members: number[][] = Array.from({ length: cellsX * cellsY }, () => []);
  for (const [index, { spans, firstColumn, lastColumn }] of frames.entries()) {
    const lastRow = spans.firstRow + spans.spans.length / 2 - 1;
    for (let cy = Math.floor(spans.firstRow / h); cy <= Math.floor(lastRow / h); cy++) {
      for (let cx = Math.floor(firstColumn / w); cx <= Math.floor(lastColumn / w); cx++) {
        if (touches(spans, cx * w, cy * h, (cx + 1) * w - 1, (cy + 1) * h - 1))
          members[cy * cellsX + cx].push(index);
      }
    }
  }
  return members;
}

function planOf(
  grid: OutputGrid,
  frames: readonly ReadFrame[],
  options: CellOptions,
  [w, h]: readonly [number, number],
): CellPlan {
  const members = membersOf(grid, frames, w, h);
  const cellsX = Math.ceil(Math.ceil(grid.nx / BLOCK_SIZE) / w);
  const cells = members.flatMap((list, k): Cell[] => {
    if (list.length === 0) return [];
    const x0 = (k % cellsX) * w * BLOCK_SIZE;
    const y0 = Math.floor(k / cellsX) * h * BLOCK_SIZE;
    const width = Math.min(w * BLOCK_SIZE, grid.nx - x0);
    const height = Math.min(h * BLOCK_SIZE, grid.ny - y0);
    return [{ rect: { x0, y0, width, height }, frames: Uint32Array.from(list) }];
  });
  const maxFrames = cells.reduce((n, cell) => Math.max(n, cell.frames.length), 0);
  const [widthPx, heightPx] = [Math.min(w * BLOCK_SIZE, grid.nx), Math.min(h * BLOCK_SIZE, grid.ny)];
  const windows = cells.map((cell) => windowsOf(cell, frames, options.halo));
  const most = (of: 'largest' | 'read') => windows.reduce((n, window) => Math.max(n, window[of]), 0);
  const read = windows.reduce((sum, window) => sum + window.read, 0);
  const pixels = widthPx * heightPx;
  return {
    cells,
    mostBytes: options.memoryBytes,
    widthPx,
    heightPx,
    maxFrames,
    readAmplification: read / pixelsOf(frames),
    ...cellMemory(options, { pixels, frames: maxFrames, windows: most('read'), largest: most('largest') }),
  };
}

const pixelsOf = (frames: readonly ReadFrame[]) =>
  Math.max(
    1,
    frames.reduce((sum, { nx, ny }) => sum + nx * ny, 0),
  );

const pixelsOfCell = ({ nx, ny }: OutputGrid, [w, h]: readonly [number, number]) =>
  Math.min(w * BLOCK_SIZE, nx) * Math.min(h * BLOCK_SIZE, ny);

/** Pixels of the windows that are read for a cell, in all and of the largest. */
function windowsOf({ rect, frames: members }: Cell, frames: readonly ReadFrame[], halo: number) {
  const bx0 = rect.x0 / BLOCK_SIZE;
  const by0 = rect.y0 / BLOCK_SIZE;
  const bx1 = bx0 + Math.ceil(rect.width / BLOCK_SIZE) - 1;
  const by1 = by0 + Math.ceil(rect.height / BLOCK_SIZE) - 1;
  let [read, largest] = [0, 0];
  for (const index of members) {
    const { firstRow, spans } = frames[index].spans;
    const row0 = Math.max(by0, firstRow);
    const row1 = Math.min(by1, firstRow + spans.length / 2 - 1);
    let x0 = Infinity;
    let x1 = -Infinity;
    for (let i = 2 * (row0 - firstRow); i <= 2 * (row1 - firstRow); i += 2) {
      x0 = Math.min(x0, Math.max(bx0, spans[i]));
      x1 = Math.max(x1, Math.min(bx1, spans[i + 1]));
    }
    const pixels = windowPixels(frames[index], x1 - x0 + 1, row1 - row0 + 1, halo);
    read += pixels;
    largest = Math.max(largest, pixels);
  }
  return { read, largest };
}

/**
 * The plan with small cells joined to their neighbours where the budget allows it, and, where their bytes cost something, where they take no more than the deepest: all are as
 * small as that one must be, though others have a part of its frames. Every window that is read for two cells at once is one less to read, of less halo.
 */
function joined(frames: readonly ReadFrame[], options: CellOptions, plan: CellPlan): CellPlan {
  if (!isJoined(plan.widthPx * plan.heightPx)) return plan;
  const bytes = (cell: Cell) => {
    const { width, height } = cell.rect;
    const { read, largest } = windowsOf(cell, frames, options.halo);
    return cellMemory(options, {
      pixels: width * height,
      frames: cell.frames.length,
      windows: read,
      largest,
    });
  };
  const most = options.onHost
    ? { ...options, memoryBytes: Math.min(options.memoryBytes, plan.cellBytes) }
    : options;
  const cells = joinCells(plan.cells, (cell) => fits(most, bytes(cell)));
  const sizes = cells.map(bytes);
  const read = cells.reduce((sum, cell) => sum + windowsOf(cell, frames, options.halo).read, 0);
  return {
    ...plan,
    cells,
    maxFrames: cells.reduce((n, cell) => Math.max(n, cell.frames.length), 0),
    readAmplification: read / pixelsOf(frames),
    cellBytes: sizes.reduce((most, { cellBytes }) => Math.max(most, cellBytes), plan.cellBytes),
    bufferBytes: sizes.reduce((most, { bufferBytes }) => Math.max(most, bufferBytes), plan.bufferBytes),
  };
}

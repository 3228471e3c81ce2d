// Cells: the rectangles of blocks that are integrated one at a time, of the size within the memory budget that costs least.
import { BLOCK_SIZE } from '../../compute/constants.js';
import { CodedError } from '../../errors.js';
import { touches } from './block-spans.js';
import { GUARD_ARRAYS, GUARD_SLOTS } from '../integrate/guard-program.js';
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
import type { OutputGrid } from './output-grid.js';

export type { Cell } from './cell.js';
export type { CellFrame } from './cell-reads.js';

export interface CellOptions {
  readonly planes: number;
  /** True where the guard for few frames runs before the stack. */
  readonly guarded: boolean;
  /** Arrays per pixel and plane beyond those of a stack. */
  readonly extraResultArrays?: number;
  /** Samples of all frames' windows stay on the device until the cell is stacked. */
  readonly keepsWindows?: boolean;
  /** Planes of a window's samples as the warp takes them. */
  readonly windowPlanes: number;
  /** Pixels that a window needs around what the cell maps to, on each side. */
  readonly halo: number;
  /** Float32 copies of a window beyond those that every frame takes: masters and what they make. */
  readonly extraWindowArrays?: number;
  /** Float32 arrays of a cell's pixels beside those of the device: for every frame over it, and for the cell. */
  readonly hostArrays?: { readonly perSlot: number; readonly perCell: number };
  /** Bytes that cube, results and windows of one cell may take together. */
  readonly memoryBytes: number;
  /** Largest single buffer of the backend, bytes. */
  readonly maxBufferBytes: number;
  /** True where its buffers are memory of this process. */
  readonly onHost: boolean;
  /** Side of a cell asked for, pixels; 0 = choose. */
  readonly cellSizePx: number;
}

export interface CellPlan {
  readonly cells: readonly Cell[];
  /** Of the cells that are not joined ones. */
  readonly widthPx: number;
  readonly heightPx: number;
  /** Most frames over one cell. */
  readonly maxFrames: number;
  /** Pixels read / pixels of all frames. */
  readonly readAmplification: number;
  /** Bytes of the largest cell: cube, results, windows. */
  readonly cellBytes: number;
  /** Bytes of the largest single buffer: a cell's cube, or the planes of a window. */
  readonly bufferBytes: number;
}

/** No cell fits the memory budget. */
export class CellBudgetError extends CodedError {}

/** Results of a stack kernel per pixel and plane: mean, weight, used, rejected low, rejected high. */
const RESULT_ARRAYS = 5;
/** Of these: on the device, on the host, and those of the cell before, which are being written. */
const RESULT_COPIES = 3;
/** Of further arrays: on the device and on the host. */
const EXTRA_COPIES = 2;
/** Float32 copies of a window that exist at once beside the planes of the warp: decoded, fixed, and the raw bytes. */
const WINDOW_ARRAYS = 3;

/** @throws CellBudgetError when not even a single block fits. */
export function planCells(grid: OutputGrid, placed: readonly CellFrame[], options: CellOptions): CellPlan {
  const frames = placed.map(readFrame);
  const blocksX = Math.ceil(grid.nx / BLOCK_SIZE);
  const blocksY = Math.ceil(grid.ny / BLOCK_SIZE);
  const sizes = candidates(blocksX, blocksY, options.cellSizePx);
  const fits = ({ cellBytes, bufferBytes }: Pick<CellPlan, 'cellBytes' | 'bufferBytes'>) =>
    cellBytes <= options.memoryBytes && bufferBytes <= options.maxBufferBytes;
  const reader = new CellReader(grid, frames, options.halo);
  let best: { readonly size: [number, number]; readonly cost: number } | undefined;
  for (const size of sizes) {
    const pixels = pixelsOfCell(grid, size);
    const reads = reader.reads(size, {
      // samples that are too many as they are
      frames: Math.min(options.memoryBytes, options.maxBufferBytes) / (4 * options.planes * pixels),
      cost: best?.cost ?? Infinity,
    });
    if (!reads) continue;
    const bytes = bytesOf(options, pixels, reads.maxFrames, reads.largest);
    if (!fits(bytes)) continue;
    const cost = cellCost(reads, options.onHost ? bytes.cellBytes : 0);
    if (best === undefined || cost < best.cost) best = { size, cost };
  }
  if (best) {
    const plan = planOf(grid, frames, options, best.size);
    return options.cellSizePx > 0 ? plan : joined(frames, options, plan);
  }
  const least = planOf(grid, frames, options, sizes[sizes.length - 1]);
  const mib = (bytes: number) => Math.ceil(bytes / 2 ** 20);
  const [needed, budget] =
    least.cellBytes > options.memoryBytes
      ? [least.cellBytes, options.memoryBytes]
      : [least.bufferBytes, options.maxBufferBytes];
  throw new CellBudgetError('pipeline_cell_over_budget', { needed: mib(needed), budget: mib(budget) });
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
  const largest = windows.reduce((most, window) => Math.max(most, window.largest), 0);
  const read = windows.reduce((sum, window) => sum + window.read, 0);
  return {
    cells,
    widthPx,
    heightPx,
    maxFrames,
    readAmplification: read / pixelsOf(frames),
    ...bytesOf(options, widthPx * heightPx, maxFrames, largest),
  };
}

const pixelsOf = (frames: readonly ReadFrame[]) =>
  Math.max(
    1,
    frames.reduce((sum, { nx, ny }) => sum + nx * ny, 0),
  );

const pixelsOfCell = ({ nx, ny }: OutputGrid, [w, h]: readonly [number, number]) =>
  Math.min(w * BLOCK_SIZE, nx) * Math.min(h * BLOCK_SIZE, ny);

/** Bytes of a cell of so many pixels and frames, and of its largest buffer. */
function bytesOf(
  options: CellOptions,
  pixels: number,
  frames: number,
  largestWindow: number,
): Pick<CellPlan, 'cellBytes' | 'bufferBytes'> {
  const slots = frames + (options.guarded ? GUARD_SLOTS : 0);
  const arrays =
    RESULT_COPIES * RESULT_ARRAYS +
    EXTRA_COPIES * (options.extraResultArrays ?? 0) +
    (options.guarded ? GUARD_ARRAYS : 0);
  const { perSlot = 0, perCell = 0 } = options.hostArrays ?? {};
  const cellBytes =
    4 * options.planes * pixels * (slots + arrays) +
    4 * pixels * (frames * perSlot + perCell) +
    4 * (WINDOW_ARRAYS + (options.extraWindowArrays ?? 0) + options.windowPlanes) * largestWindow * 2 +
    (options.keepsWindows ? 4 * options.windowPlanes * largestWindow * frames : 0);
  const bufferBytes = 4 * Math.max(options.planes * slots * pixels, options.windowPlanes * largestWindow);
  return { cellBytes, bufferBytes };
}

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
 * The plan with small cells joined to their neighbours where the budget allows it: all are as small as the deepest must be, though others have a part of its frames. Every
 * window that is read for two cells at once is one less to read, of less halo.
 */
function joined(frames: readonly ReadFrame[], options: CellOptions, plan: CellPlan): CellPlan {
  if (plan.widthPx * plan.heightPx > SMALL_PIXELS / 2) return plan;
  const bytes = (cell: Cell) => {
    const { width, height } = cell.rect;
    const { largest } = windowsOf(cell, frames, options.halo);
    return bytesOf(options, width * height, cell.frames.length, largest);
  };
  const fits = (cell: Cell) => {
    const { cellBytes, bufferBytes } = bytes(cell);
    return cellBytes <= options.memoryBytes && bufferBytes <= options.maxBufferBytes;
  };
  const cells = joinCells(plan.cells, fits);
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

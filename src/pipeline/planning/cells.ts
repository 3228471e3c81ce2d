// Cells: the rectangles of blocks that are integrated one at a time, sized to the memory budget with the least reading.
import { BLOCK_SIZE } from '../../compute/constants.js';
import { CodedError } from '../../errors.js';
import { columnsOf, touches, type BlockSpans } from './block-spans.js';
import { GUARD_ARRAYS, GUARD_SLOTS } from '../integrate/guard-program.js';
import type { OutputGrid } from './output-grid.js';
import type { CellRect } from './pixel-map.js';

/** A frame as the cell planner sees it. */
export interface CellFrame {
  readonly spans: BlockSpans;
  readonly nx: number;
  readonly ny: number;
  /** Grid pixels per frame pixel, and the frame's rotation against the grid, radians. */
  readonly scale: number;
  readonly rotation: number;
}

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
  /** Side of a cell asked for, pixels; 0 = choose. */
  readonly cellSizePx: number;
}

export interface Cell {
  readonly rect: CellRect;
  /** Indices of the frames that may touch the cell, ascending: the canonical order of combination. */
  readonly frames: Uint32Array;
}

export interface CellPlan {
  readonly cells: readonly Cell[];
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
export function planCells(grid: OutputGrid, frames: readonly CellFrame[], options: CellOptions): CellPlan {
  const blocksX = Math.ceil(grid.nx / BLOCK_SIZE);
  const blocksY = Math.ceil(grid.ny / BLOCK_SIZE);
  const columns = frames.map(({ spans }) => columnsOf(spans));
  let best: CellPlan | undefined;
  let leastBytes = Infinity;
  let leastBuffer = Infinity;
  for (const [w, h] of candidates(blocksX, blocksY, options.cellSizePx)) {
    const plan = tile(grid, frames, columns, options, w, h);
    leastBytes = Math.min(leastBytes, plan.cellBytes);
    leastBuffer = Math.min(leastBuffer, plan.bufferBytes);
    if (plan.cellBytes > options.memoryBytes || plan.bufferBytes > options.maxBufferBytes) continue;
    if (best === undefined || plan.readAmplification < best.readAmplification) best = plan;
  }
  if (best) return best;
  const mib = (bytes: number) => Math.ceil(bytes / 2 ** 20);
  const [needed, budget] =
    leastBytes > options.memoryBytes
      ? [leastBytes, options.memoryBytes]
      : [leastBuffer, options.maxBufferBytes];
  throw new CellBudgetError('pipeline_cell_over_budget', { needed: mib(needed), budget: mib(budget) });
}

/** Sizes in blocks to try: the one asked for, or whole fractions of the grid in each direction. */
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

function tile(
  grid: OutputGrid,
  frames: readonly CellFrame[],
  columns: readonly (readonly [number, number])[],
  options: CellOptions,
  w: number,
  h: number,
): CellPlan {
  const blocksX = Math.ceil(grid.nx / BLOCK_SIZE);
  const blocksY = Math.ceil(grid.ny / BLOCK_SIZE);
  const cellsX = Math.ceil(blocksX / w);
  const cellsY = Math.ceil(blocksY / h);
  const members: number[][] = Array.from({ length: cellsX * cellsY }, () => []);
  let read = 0;
  let whole = 0;
  let largestWindow = 0;
  frames.forEach((frame, index) => {
    whole += frame.nx * frame.ny;
    const [firstColumn, lastColumn] = columns[index];
    const lastRow = frame.spans.firstRow + frame.spans.spans.length / 2 - 1;
    for (let cy = Math.floor(frame.spans.firstRow / h); cy <= Math.floor(lastRow / h); cy++) {
      for (let cx = Math.floor(firstColumn / w); cx <= Math.floor(lastColumn / w); cx++) {
        if (!touches(frame.spans, cx * w, cy * h, (cx + 1) * w - 1, (cy + 1) * h - 1)) continue;
        members[cy * cellsX + cx].push(index);
        const window = windowPixels(frame, cx * w, cy * h, w, h, options.halo);
        largestWindow = Math.max(largestWindow, window);
        read += window;
      }
    }
  });
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
  const slots = maxFrames + (options.guarded ? GUARD_SLOTS : 0);
  const arrays =
    RESULT_COPIES * RESULT_ARRAYS +
    EXTRA_COPIES * (options.extraResultArrays ?? 0) +
    (options.guarded ? GUARD_ARRAYS : 0);
  const { perSlot = 0, perCell = 0 } = options.hostArrays ?? {};
  const cellBytes =
    4 * options.planes * widthPx * heightPx * (slots + arrays) +
    4 * widthPx * heightPx * (maxFrames * perSlot + perCell) +
    4 * (WINDOW_ARRAYS + (options.extraWindowArrays ?? 0) + options.windowPlanes) * largestWindow * 2 +
    (options.keepsWindows ? 4 * options.windowPlanes * largestWindow * maxFrames : 0);
  const bufferBytes =
    4 * Math.max(options.planes * slots * widthPx * heightPx, options.windowPlanes * largestWindow);
  const readAmplification = read / Math.max(1, whole);
  return { cells, widthPx, heightPx, maxFrames, readAmplification, cellBytes, bufferBytes };
}

/** Area of the frame window under a cell, from the part of the cell that the frame's spans cover. */
function windowPixels(
  frame: CellFrame,
  bx0: number,
  by0: number,
  w: number,
  h: number,
  halo: number,
): number {
  const { firstRow, spans } = frame.spans;
  const row0 = Math.max(by0, firstRow);
  const row1 = Math.min(by0 + h - 1, firstRow + spans.length / 2 - 1);
  let [x0, x1] = [Infinity, -Infinity];
  for (let r = row0; r <= row1; r++) {
    x0 = Math.min(x0, Math.max(bx0, spans[2 * (r - firstRow)]));
    x1 = Math.max(x1, Math.min(bx0 + w - 1, spans[2 * (r - firstRow) + 1]));
  }
  const width = ((x1 - x0 + 1) * BLOCK_SIZE) / frame.scale;
  const height = ((row1 - row0 + 1) * BLOCK_SIZE) / frame.scale;
  const [cos, sin] = [Math.abs(Math.cos(frame.rotation)), Math.abs(Math.sin(frame.rotation))];
  return (
    Math.min(frame.nx, width * cos + height * sin + 2 * halo) *
    Math.min(frame.ny, width * sin + height * cos + 2 * halo)
  );
}

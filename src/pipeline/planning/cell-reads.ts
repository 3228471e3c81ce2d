// What frames' windows come to if the grid is cut into cells of one size or another: hundreds of sizes are tried, so there is no list of any cell here.
import { BLOCK_SIZE } from '../../compute/constants.js';
import { columnsOf, touches, type BlockSpans } from './block-spans.js';

/** A frame as the cell planner sees it. */
export interface CellFrame {
  readonly spans: BlockSpans;
  readonly nx: number;
  readonly ny: number;
  /** Grid pixels per frame pixel, and the frame's rotation against the grid, radians. */
  readonly scale: number;
  readonly rotation: number;
}

/** The same with what does not depend on the size of the cells in place of the rotation. */
export interface ReadFrame extends Omit<CellFrame, 'rotation'> {
  /** First and last column of blocks; first > last where there is none. */
  readonly firstColumn: number;
  readonly lastColumn: number;
  /** Sizes of cosine and sine of the rotation. */
  readonly cos: number;
  readonly sin: number;
}

/**
 * The frame with its columns and its rotation worked out, for whoever tries many sizes. Each property by its name: those of a copy by `...` V8 reads several times as slowly, which thousands of frames in hundreds of cells make seconds.
 */
export function readFrame({ spans, nx, ny, scale, rotation }: CellFrame): ReadFrame {
  const [firstColumn, lastColumn] = columnsOf(spans);
  const cos = Math.abs(Math.cos(rotation));
  const sin = Math.abs(Math.sin(rotation));
  return { spans, nx, ny, scale, firstColumn, lastColumn, cos, sin };
}

/** Of all cells of one size. */
export interface CellReads {
  /** Most frames over one cell. */
  readonly maxFrames: number;
  /** Pixels of the windows that are read, in all and of the largest. */
  readonly read: number;
  readonly largest: number;
  /** How many windows, and of how many cells. */
  readonly windows: number;
  readonly cells: number;
}

export interface ReadLimits {
  /** Frames over one cell. */
  readonly frames: number;
  /** What the windows cost. */
  readonly cost: number;
}

/**
 * What cells cost a processor, in pixels of windows, which take some 8 ns each: of reading, decoding and repairing. A window of its own costs half a millisecond beside
 * them, and a cell 20. Where buffers are pages of the process each is cleared when it is first written, 2.5 microseconds for 4096 bytes: what the largest cell takes is
 * taken once. Whole jobs of 16 and 48 frames, in cells of 200 to 940 MB, agree with that.
 */
const WINDOW_PIXELS = 60e3;
const CELL_PIXELS = 2.5e6;
const PIXELS_PER_BYTE = 0.075;

/** Cost of all cells, of which the largest takes `bytes` of fresh memory. */
export function cellCost(
  { read, windows, cells }: Omit<CellReads, 'maxFrames' | 'largest'>,
  bytes: number,
): number {
  return read + WINDOW_PIXELS * windows + CELL_PIXELS * cells + PIXELS_PER_BYTE * bytes;
}

/** What cells of `w` x `h` blocks read, with `halo` pixels around each window; undefined as soon as that is beyond a limit. */
export function cellReads(
  { nx, ny }: { readonly nx: number; readonly ny: number },
  frames: readonly ReadFrame[],
  [w, h]: readonly [number, number],
  halo: number,
  limits: ReadLimits,
): CellReads | undefined {
  const cellsX = Math.ceil(Math.ceil(nx / BLOCK_SIZE) / w);
  const counts = new Int32Array(cellsX * Math.ceil(Math.ceil(ny / BLOCK_SIZE) / h));
  let maxFrames = 0;
  let read = 0;
  let largest = 0;
  let windows = 0;
  let cells = 0;
  for (let f = 0; f < frames.length; f++) {
    const frame = frames[f];
    const { firstRow, spans } = frame.spans;
    const fromX = Math.floor(frame.firstColumn / w);
    const toX = Math.floor(frame.lastColumn / w);
    const lastRow = firstRow + spans.length / 2 - 1;
    const toY = Math.floor(lastRow / h);
    for (let cy = Math.floor(firstRow / h); cy <= toY; cy++) {
      const row0 = Math.max(cy * h, firstRow);
      const row1 = Math.min((cy + 1) * h - 1, lastRow);
      let x0 = Infinity;
      let x1 = -Infinity;
      for (let i = 2 * (row0 - firstRow); i <= 2 * (row1 - firstRow); i += 2) {
        if (spans[i] < x0) x0 = spans[i];
        if (spans[i + 1] > x1) x1 = spans[i + 1];
      }
      for (let cx = fromX; cx <= toX; cx++) {
        const bx0 = cx * w;
        const bx1 = bx0 + w - 1;
        if (!touches(frame.spans, bx0, row0, bx1, row1)) continue;
        const columns = Math.min(bx1, x1) - Math.max(bx0, x0) + 1;
        const pixels = windowPixels(frame, columns, row1 - row0 + 1, halo);
        const count = ++counts[cy * cellsX + cx];
        if (count > maxFrames) maxFrames = count;
        if (count === 1) cells++;
        windows++;
        read += pixels;
        if (pixels > largest) largest = pixels;
      }
    }
    if (maxFrames > limits.frames || cellCost({ read, windows, cells }, 0) > limits.cost) return undefined;
  }
  return { maxFrames, read, largest, windows, cells };
}

/** Area of a frame's window under so many columns and rows of blocks, with `halo` pixels around it. */
export function windowPixels(
  { nx, ny, scale, cos, sin }: ReadFrame,
  columns: number,
  rows: number,
  halo: number,
): number {
  const width = (columns * BLOCK_SIZE) / scale;
  const height = (rows * BLOCK_SIZE) / scale;
  return (
    Math.min(nx, width * cos + height * sin + 2 * halo) * Math.min(ny, width * sin + height * cos + 2 * halo)
  );
}

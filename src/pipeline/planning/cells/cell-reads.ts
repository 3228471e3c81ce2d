// What frames' windows come to if the grid is cut into cells of one size or another: hundreds of sizes are tried, so there is no list of any cell here.
import { BLOCK_SIZE } from '../../../compute/constants.js';
import { SamplePasses } from '../../../simd/sample-passes.js';
import { columnsOf, type BlockSpans } from '../grid/block-spans.js';

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
  /** Pixels of the windows that are read, in all, the most for one cell, and of the largest. */
  readonly read: number;
  readonly maxRead: number;
  readonly largest: number;
  /** How many windows, and of how many cells. */
  readonly windows: number;
  readonly cells: number;
}

/** More than any column, then less. */
const NO_COLUMNS = [2 ** 30, -1];

export interface ReadLimits {
  /** Frames over one cell. */
  readonly frames: number;
  /** What the windows cost. */
  readonly cost: number;
}

/**
 * What cells cost a processor, in pixels of windows, which take some 8 ns each: of reading, decoding and repairing. A window of its own costs 0.12 ms beside
 * them, and a cell 20. Where buffers are pages of the process each is cleared when it is first written, 2.5 microseconds for 4096 bytes: what the largest cell takes is
 * taken once. That is 0.075 of such pixels a byte; far more is counted, and more for every byte the more there are, since others want memory too and a run is to take much the
 * same however many frames it has: 50 MB where they spare 0.15 seconds, 100 where that spares two, twice as much hardly ever. Of thousands of large frames, whose cells of so few bytes
 * would be the smallest there are and take as long as all else, the rest rises less once it costs an eighth of what the run takes, seven times a pixel of a window for each of its frames'.
 */
const WINDOW_PIXELS = 15e3;
const CELL_PIXELS = 2.5e6;
const PIXELS_PER_BYTE = 0.25;
/** Bytes that cost twice as much, and of which each costs six times as much as the first. */
const DEAR_BYTES = 56 * 2 ** 20;
/** The same beyond that share, each costing five times as much. */
const LATER_DEAR_BYTES = 80 * 2 ** 20;
const RUN_SHARE = 1 / 8;
const RUN_PIXELS = 7;

/** Cost of all cells, of which the largest takes `bytes` of fresh memory, in a run whose frames have so many pixels in all. */
export function cellCost(
  { read, windows, cells }: Pick<CellReads, 'read' | 'windows' | 'cells'>,
  bytes: number,
  framePixels: number,
): number {
  const plain = PIXELS_PER_BYTE * bytes;
  const much = Math.min(
    plain * (bytes / DEAR_BYTES) ** 4,
    plain * (bytes / LATER_DEAR_BYTES) ** 3 + RUN_SHARE * RUN_PIXELS * framePixels,
  );
  return read + WINDOW_PIXELS * windows + CELL_PIXELS * cells + plain + much;
}

/** Cuts a grid into cells of one size after the other, in WebAssembly (`src/simd/assembly/plan/cell-reads.ts`), with `halo` pixels around each window. */
export class CellReader {
  readonly #memory = new SamplePasses();
  readonly #problem: number;
  readonly #limits: Float64Array;
  readonly #found: Float64Array;

  constructor(
    { nx, ny }: { readonly nx: number; readonly ny: number },
    frames: readonly ReadFrame[],
    halo: number,
  ) {
    const memory = this.#memory;
    const [blocksX, blocksY] = [Math.ceil(nx / BLOCK_SIZE), Math.ceil(ny / BLOCK_SIZE)];
    const rows = frames.reduce((sum, { spans }) => sum + spans.spans.length / 2, 0);
    const [places, shapes] = [memory.take(20 * frames.length), memory.take(40 * frames.length)];
    const [spans, counts] = [memory.take(8 * rows), memory.take(4 * blocksX * blocksY)];
    const [sums, limits, found] = [memory.take(8 * blocksX * blocksY), memory.take(40), memory.take(48)];
    this.#problem = memory.take(44);
    const { buffer } = memory;
    const fields = [
      frames.length,
      blocksX,
      blocksY,
      BLOCK_SIZE,
      places,
      spans,
      shapes,
      counts,
      sums,
      limits,
      found,
    ];
    new Uint32Array(buffer, this.#problem, fields.length).set(fields);
    this.#limits = new Float64Array(buffer, limits, 5);
    this.#limits.set([halo, WINDOW_PIXELS, CELL_PIXELS]);
    this.#found = new Float64Array(buffer, found, 6);
    const toPlaces = new Int32Array(buffer, places, 5 * frames.length);
    const toShapes = new Float64Array(buffer, shapes, 5 * frames.length);
    const toSpans = new Int32Array(buffer, spans, 2 * rows);
    let at = 0;
    for (let f = 0; f < frames.length; f++) {
      const { spans: own, firstColumn, lastColumn, ...shape } = frames[f];
      const columns = firstColumn <= lastColumn ? [firstColumn, lastColumn] : NO_COLUMNS;
      toPlaces.set([own.firstRow, at, own.spans.length / 2, ...columns], 5 * f);
      toShapes.set([shape.nx, shape.ny, shape.scale, shape.cos, shape.sin], 5 * f);
      toSpans.set(own.spans, 2 * at);
      at += own.spans.length / 2;
    }
  }

  /** What cells of `w` x `h` blocks read; undefined as soon as that is beyond a limit. */
  reads([w, h]: readonly [number, number], limits: ReadLimits): CellReads | undefined {
    this.#limits.set([limits.frames, limits.cost], 3);
    if (!this.#memory.passes.cellReads(this.#problem, w, h)) return undefined;
    const [maxFrames, read, maxRead, largest, windows, cells] = this.#found;
    return { maxFrames, read, maxRead, largest, windows, cells };
  }
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

// How much the sky of the mosaic scatters, what its uncertainty plane says of that, and what its frames would allow at best.
import type { PlaneSource } from '../output/sources/plane-source.js';
import { withPasses, type SamplePasses } from '../simd/sample-passes.js';
import { median } from './robust.js';

/** A square of the mosaic that was looked at. */
export interface NoiseSquare {
  /** Middle, 0-based. */
  readonly x: number;
  readonly y: number;
  /** Per plane: level, measured standard deviation of a pixel, and the median of what the uncertainty plane says. */
  readonly level: readonly number[];
  readonly measured: readonly number[];
  readonly stated: readonly number[];
}

/** One channel of a mosaic: medians over the darker half of the squares. */
export interface NoiseFigures {
  readonly squares: number;
  /** Standard deviation of a pixel by the uncertainty plane, ADU. */
  readonly stated: number;
  /** Scatter of pixels, ADU: noise, and stars too faint to be told apart. */
  readonly scatter: number;
  /** Stated over that of an inverse-variance coadd of all frames there; NaN where no square has all its frames in common. */
  readonly statedOverIdeal: number;
}

/** Side of a square. */
export const SQUARE_PX = 64;
/** Squares looked at, evenly over the mosaic. */
const MAX_SQUARES = 400;
/** Rows of squares, at least. */
const MIN_ROWS = 10;
/** Pixels this far apart have no noise in common: demosaic and warp reach less far. */
const LAG_PX = 8;
const MAD_TO_SIGMA = 1.4826;
/** Squares brighter than this share of all others hold nebulae and crowds of stars. */
const DARK_SHARE = 0.5;

/** Measures squares that are covered everywhere; `uncertainty` is the standard deviation plane of the product. */
export const noiseSquares = (mosaic: PlaneSource, uncertainty: PlaneSource): Promise<NoiseSquare[]> =>
  withPasses((room) => squaresIn(room, mosaic, uncertainty));

async function squaresIn(
  room: SamplePasses,
  mosaic: PlaneSource,
  uncertainty: PlaneSource,
): Promise<NoiseSquare[]> {
  const { nx, ny, planes } = mosaic;
  const [across, down] = [Math.floor(nx / SQUARE_PX), Math.floor(ny / SQUARE_PX)];
  // whole rows are read: few of them, with many squares each
  const rows = Math.min(down, Math.max(MIN_ROWS, Math.ceil(MAX_SQUARES / across)));
  const columns = Math.min(across, Math.ceil(MAX_SQUARES / Math.max(1, rows)));
  const squareRow = new SquareRow(room, nx);
  const squares: NoiseSquare[] = [];
  for (let r = 0; r < rows; r++) {
    const y0 = Math.floor(((r + 0.5) * down) / rows) * SQUARE_PX;
    const row = Array.from({ length: columns }, (_, c) => ({
      x0: Math.floor(((c + 0.5) * across) / columns) * SQUARE_PX,
      figures: [] as (SquareFigures | undefined)[],
    }));
    for (let plane = 0; plane < planes; plane++) {
      await squareRow.read(mosaic, uncertainty, plane, y0);
      for (const { x0, figures } of row) figures.push(squareRow.figures(x0));
    }
    for (const { x0, figures } of row) {
      const known = figures.filter((f) => f !== undefined);
      if (known.length < planes) continue;
      squares.push({
        x: x0 + (SQUARE_PX - 1) / 2,
        y: y0 + (SQUARE_PX - 1) / 2,
        level: known.map((f) => f.level),
        measured: known.map((f) => f.measured),
        stated: known.map((f) => f.stated),
      });
    }
  }
  return squares;
}

/** Figures of one plane over the darker half of the squares; `idealAt` is the standard deviation of the best coadd, NaN where frames end. */
export function noiseFigures(
  squares: readonly NoiseSquare[],
  plane: number,
  idealAt: (square: NoiseSquare) => number,
): NoiseFigures {
  const levels = squares.map(({ level }) => level[plane]).sort((a, b) => a - b);
  const limit = levels[Math.ceil(levels.length * DARK_SHARE) - 1];
  const dark = squares.filter(({ level }) => level[plane] <= limit);
  return {
    squares: dark.length,
    stated: median(dark.map(({ stated }) => stated[plane])),
    scatter: median(dark.map(({ measured }) => measured[plane])),
    statedOverIdeal: median(dark.map((s) => s.stated[plane] / idealAt(s)).filter((v) => !Number.isNaN(v))),
  };
}

interface SquareFigures {
  readonly level: number;
  readonly measured: number;
  readonly stated: number;
}

/** A row of squares, read into the memory of the passes. */
class SquareRow {
  readonly #values: number;
  readonly #sigmas: number;
  readonly #scratch: number;
  readonly #medians: number;

  constructor(
    private readonly room: SamplePasses,
    private readonly nx: number,
  ) {
    this.#values = room.take(4 * SQUARE_PX * nx);
    this.#sigmas = room.take(4 * SQUARE_PX * nx);
    this.#scratch = room.take(16 * (SQUARE_PX / 2) * ((SQUARE_PX - 2 * LAG_PX) / 2));
    this.#medians = room.take(24);
  }

  async read(mosaic: PlaneSource, uncertainty: PlaneSource, plane: number, y0: number): Promise<void> {
    const { buffer } = this.room;
    const pixels = SQUARE_PX * this.nx;
    await mosaic.readRows(plane, y0, SQUARE_PX, new Float32Array(buffer, this.#values, pixels));
    await uncertainty.readRows(plane, y0, SQUARE_PX, new Float32Array(buffer, this.#sigmas, pixels));
  }

  /**
   * Second differences v(x - lag) - 2 v(x) + v(x + lag) along rows, each over the root of the sum of its variances: blind to slopes, and the median of
   * their sizes to stars. Measured = that scatter times the stated sigma. Undefined where a pixel has no value.
   */
  figures(x0: number): SquareFigures | undefined {
    const at = 4 * x0;
    const [values, sigmas] = [this.#values + at, this.#sigmas + at];
    const { passes, buffer } = this.room;
    if (!passes.noiseSquare(values, sigmas, this.nx, SQUARE_PX, LAG_PX, this.#scratch, this.#medians))
      return undefined;
    const [square, stated, level] = new Float64Array(buffer, this.#medians, 3);
    // the root of the median of squares is the median of sizes
    return { level, measured: MAD_TO_SIGMA * Math.sqrt(square) * stated, stated };
  }
}

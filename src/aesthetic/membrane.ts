// A plane with its blanks filled smoothly from what surrounds them, coarse to fine, in strips of rows.
import type { PlaneSource } from '../output/sources/plane-source.js';

/** Cells of the finest level that is kept whole. */
const KEPT_CELLS = 1 << 20;
/** Relaxations of a level that is kept, which bring holes of some ten cells to rest, and of a finer one, which goes on from there. */
const KEPT_SWEEPS = 30;
const FINE_SWEEPS = 4;
/** Damping of Jacobi's iteration that smooths best in two dimensions. */
const DAMPING = 0.8;
/** A cell holds light where this part of its quarters does: with fewer its value would lie beside its middle. */
const LEAST_LIGHT = 0.75;

interface Level {
  readonly nx: number;
  readonly ny: number;
  readonly values: Float32Array;
  /** Its first row on the whole level. */
  readonly top: number;
}

/**
 * A membrane over the blanks: harmonic, held by the samples at their rims, without flux over the border of the plane. Solved by cascadic multigrid
 * (Bornemann & Deuflhard 1996, Numer. Math. 75, 135): each level halves the one below, a cell of light being the median of its quarters (the mean of the
 * middle two), so that stars beside a hole do not shine into it; from the coarsest level down blanks are interpolated from the level above and
 * relaxed. The levels from `factor` on are kept (a million cells, and a third more), finer ones are made anew for each strip: a strip is the same
 * whatever else is asked for.
 */
export class Membrane {
  /** Strips begin at multiples of this. */
  readonly factor: number;
  /** Rows that are needed beyond a strip. */
  readonly margin: number;
  readonly #depth: number;
  readonly #kept: Level;
  #pending: Float32Array;
  #rows = 0;
  #light = 0;
  #sum = 0;

  constructor(
    private readonly nx: number,
    private readonly ny: number,
  ) {
    let depth = 1;
    while (Math.ceil(nx / 2 ** depth) * Math.ceil(ny / 2 ** depth) > KEPT_CELLS) depth++;
    this.#depth = depth;
    this.factor = 2 ** depth;
    this.margin = beyond(depth - 1) * 2 ** (depth - 1);
    const [width, height] = [nx, ny].map((side) => Math.ceil(side / this.factor));
    this.#kept = { nx: width, ny: height, values: new Float32Array(width * height), top: 0 };
    this.#pending = new Float32Array(this.factor * nx);
  }

  /** The next row, from the first to the last; the last one completes the levels that are kept. */
  addRow(row: Float32Array): void {
    this.#pending.set(row, (this.#rows++ % this.factor) * this.nx);
    for (const value of row) {
      if (value - value !== 0) continue;
      this.#light++;
      this.#sum += value;
    }
    if (this.#rows % this.factor !== 0 && this.#rows !== this.ny) return;
    const height = ((this.#rows - 1) % this.factor) + 1;
    let level: Level = {
      nx: this.nx,
      ny: height,
      values: this.#pending.subarray(0, height * this.nx),
      top: 0,
    };
    for (let k = 0; k < this.#depth; k++) level = halved(level);
    this.#kept.values.set(level.values, Math.floor((this.#rows - 1) / this.factor) * this.#kept.nx);
    if (this.#rows !== this.ny) return;
    this.#pending = new Float32Array(0);
    this.#fillKept();
  }

  /**
   * Fills the blanks of rows `y0 .. y1 - 1` in `rows`, which begin with row `top` and reach `margin` rows beyond these, or to the border; rows beyond them are altered.
   * `y0` is a multiple of `factor`, `y1` too or the end.
   */
  fillStrip(rows: Float32Array, top: number, y0: number, y1: number): void {
    const levels: Level[] = [{ nx: this.nx, ny: rows.length / this.nx, values: rows, top }];
    for (let k = 1; k < this.#depth; k++) levels.push(halved(levels[k - 1]));
    levels.push(this.#kept);
    for (let k = this.#depth - 1; k >= 0; k--) {
      const size = 2 ** k;
      const { top: first, ny } = levels[k];
      const from = Math.max(first, y0 / size - beyond(k));
      const to = Math.min(first + ny, Math.ceil(y1 / size) + beyond(k));
      const blanks = interpolate(levels[k], levels[k + 1], from, to);
      relaxTogether(levels[k], blanks);
    }
  }

  #fillKept(): void {
    const levels = [this.#kept];
    for (let last = this.#kept; last.nx * last.ny > 1; levels.push(last)) {
      last = halved(last);
      if (!last.values.some(isLight)) break;
    }
    const coarsest = levels[levels.length - 1];
    const mean = this.#sum / this.#light;
    const start = { nx: 1, ny: 1, values: Float32Array.of(mean), top: 0 };
    for (let k = levels.length - 1; k >= 0; k--) {
      const level = levels[k];
      const above = level === coarsest ? stretchedOver(start, level) : levels[k + 1];
      relaxInTurn(level, interpolate(level, above, 0, level.ny));
    }
  }
}

/** All rows of a plane of `source`, one by one. */
export async function eachRow(
  source: PlaneSource,
  plane: number,
  blockRows: number,
  take: (row: Float32Array) => void,
): Promise<void> {
  const { nx, ny } = source;
  const block = new Float32Array(blockRows * nx);
  for (let y0 = 0; y0 < ny; y0 += blockRows) {
    const rows = Math.min(blockRows, ny - y0);
    await source.readRows(plane, y0, rows, block);
    for (let y = 0; y < rows; y++) take(block.subarray(y * nx, (y + 1) * nx));
  }
}

const isLight = (value: number): boolean => value - value === 0;

/** Rows of level `k` beyond a strip that its own rows depend on: those of its relaxations, and what the level below interpolates from. */
function beyond(k: number): number {
  return k === 0 ? FINE_SWEEPS : Math.ceil(beyond(k - 1) / 2) + 1 + FINE_SWEEPS;
}

/** One value for all cells of the level above `level`. */
function stretchedOver({ values }: Level, level: Level): Level {
  const [nx, ny] = [level.nx, level.ny].map((side) => Math.ceil(side / 2));
  return { nx, ny, values: new Float32Array(nx * ny).fill(values[0]), top: 0 };
}

/** Half the size; `top` is even, or there is no row above. */
function halved({ nx, ny, values, top }: Level): Level {
  const [width, height] = [nx, ny].map((side) => Math.ceil(side / 2));
  const out = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const upper = 2 * y * nx;
    const lower = 2 * y + 1 < ny ? upper + nx : upper;
    for (let x = 0; x < width; x++) {
      const left = 2 * x;
      const right = left + 1 < nx ? left + 1 : left;
      out[y * width + x] = medianOfFour(
        values[upper + left],
        values[upper + right],
        values[lower + left],
        values[lower + right],
      );
    }
  }
  return { nx: width, ny: height, values: out, top: top / 2 };
}

function medianOfFour(...four: readonly [number, number, number, number]): number {
  let [n, sum, least, most] = [0, 0, Infinity, -Infinity];
  for (const v of four) {
    if (!isLight(v)) continue;
    n++;
    sum += v;
    if (v < least) least = v;
    if (v > most) most = v;
  }
  return n < 4 * LEAST_LIGHT ? NaN : (sum - least - most) / (n - 2);
}

/** Interpolates the blanks of rows `from .. to - 1` of `fine` from `coarse`, whose cells are twice as large; where they are. */
function interpolate(fine: Level, coarse: Level, from: number, to: number): Int32Array {
  const blanks: number[] = [];
  for (let y = from; y < to; y++) {
    const near = (y >> 1) - coarse.top;
    const far = Math.min(coarse.ny - 1, Math.max(0, near + (y % 2 ? 1 : -1)));
    for (let x = 0, at = (y - fine.top) * fine.nx; x < fine.nx; x++, at++) {
      if (isLight(fine.values[at])) continue;
      blanks.push(at);
      const i = x >> 1;
      const j = Math.min(coarse.nx - 1, Math.max(0, i + (x % 2 ? 1 : -1)));
      const a = 0.75 * coarse.values[near * coarse.nx + i] + 0.25 * coarse.values[near * coarse.nx + j];
      const b = 0.75 * coarse.values[far * coarse.nx + i] + 0.25 * coarse.values[far * coarse.nx + j];
      fine.values[at] = 0.75 * a + 0.25 * b;
    }
  }
  return Int32Array.from(blanks);
}

/** Mean of a cell's neighbours; beyond the border and where nothing is known the cell stands for them. */
function aroundOf({ nx, ny, values }: Level, at: number): number {
  const x = at % nx;
  const own = values[at];
  const known = (value: number) => (isLight(value) ? value : own);
  return (
    (known(x > 0 ? values[at - 1] : own) +
      known(x + 1 < nx ? values[at + 1] : own) +
      known(at >= nx ? values[at - nx] : own) +
      known(at + nx < nx * ny ? values[at + nx] : own)) /
    4
  );
}

/** Jacobi's iteration: no row depends on rows further away than there are sweeps. */
function relaxTogether(level: Level, blanks: Int32Array): void {
  const next = new Float32Array(blanks.length);
  for (let sweep = 0; sweep < FINE_SWEEPS; sweep++) {
    for (let k = 0; k < blanks.length; k++) {
      const own = level.values[blanks[k]];
      next[k] = own + DAMPING * (aroundOf(level, blanks[k]) - own);
    }
    for (let k = 0; k < blanks.length; k++) level.values[blanks[k]] = next[k];
  }
}

/** The iteration of Gauss and Seidel, forth and back. */
function relaxInTurn(level: Level, blanks: Int32Array): void {
  for (let sweep = 0; sweep < KEPT_SWEEPS; sweep++) {
    for (let n = 0; n < blanks.length; n++) {
      const at = blanks[sweep % 2 ? blanks.length - 1 - n : n];
      level.values[at] = aroundOf(level, at);
    }
  }
}

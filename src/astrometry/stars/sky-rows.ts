// The sky under one row of samples as straight pieces, so that a loop over the row adds a slope instead of interpolating in two dimensions.
import { cellCentre, type LevelGrid } from '../../photometry/background/level-grid.js';

/**
 * A weighted sum of the channels of a grid along rows, interpolated as `sampleGrid` does. After `at(y)` sample x of piece s, `start[s]` <= x <
 * `end[s]`, has the sky `value[s] + slope[s] * x` at frame position (x + x0, y), 0-based; the pieces cover 0 to `length`.
 */
export class SkyRows {
  readonly segments: number;
  readonly start: Int32Array;
  readonly end: Int32Array;
  readonly value: Float64Array;
  readonly slope: Float64Array;
  readonly #grid: LevelGrid;
  /** The weighted sum at the cells. */
  readonly #level: Float64Array;
  /** Centres of the cells of a row, in samples. */
  readonly #centre: Float64Array;

  constructor(grid: LevelGrid, weights: readonly number[], x0: number, length: number) {
    const { nx } = grid;
    this.#grid = grid;
    this.#level = new Float64Array(nx * grid.ny);
    weights.forEach((weight, c) => {
      for (let k = 0; k < this.#level.length; k++) this.#level[k] += weight * grid.level[c][k];
    });
    this.#centre = Float64Array.from({ length: nx }, (_, i) => cellCentre(grid.width, grid.stepPx, i) - x0);
    this.segments = Math.max(1, nx - 1);
    const border = (s: number) => Math.min(length, Math.max(0, Math.ceil(this.#centre[s])));
    // the outermost pieces go on to the border
    this.start = Int32Array.from({ length: this.segments }, (_, s) => (s === 0 ? 0 : border(s)));
    this.end = Int32Array.from({ length: this.segments }, (_, s) =>
      s === this.segments - 1 ? length : border(s + 1),
    );
    this.value = new Float64Array(this.segments);
    this.slope = new Float64Array(this.segments);
  }

  /** Sets `value` and `slope` for row `y`. */
  at(y: number): void {
    const { nx, ny, height, stepPx } = this.#grid;
    const level = this.#level;
    const centre = this.#centre;
    const j = Math.min(Math.max(Math.floor((y - (stepPx - 1) / 2) / stepPx), 0), Math.max(0, ny - 2));
    const next = Math.min(j + 1, ny - 1);
    const from = cellCentre(height, stepPx, j);
    const to = cellCentre(height, stepPx, next);
    const v = next === j ? 0 : (y - from) / (to - from);
    let left = level[j * nx] * (1 - v) + level[next * nx] * v;
    if (nx === 1) {
      this.value[0] = left;
      return;
    }
    for (let s = 0; s < this.segments; s++) {
      const right = level[j * nx + s + 1] * (1 - v) + level[next * nx + s + 1] * v;
      this.slope[s] = (right - left) / (centre[s + 1] - centre[s]);
      this.value[s] = left - this.slope[s] * centre[s];
      left = right;
    }
  }
}

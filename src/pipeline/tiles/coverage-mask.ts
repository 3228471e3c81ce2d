// Where a tile holds pixels, coarsely: enough to tell how far from its edge a pixel lies, and which sky it shows.

/** Side of a mask cell in pixels: holes that are smaller (saturated cores) are no edge. */
export const CELL_PX = 8;
/** A cell with fewer valid pixels than this lies outside. */
const MIN_VALID = 0.5;

/** Distances between neighbouring cells along and across, of the 3-4 chamfer, which errs by less than 8 %. */
const [ALONG, ACROSS] = [1, 4 / 3];

/** Valid pixels per cell, gathered by rows; then the distance of each cell from the nearest place outside. */
export class CoverageMask {
  readonly #cellsX: number;
  readonly #cellsY: number;
  readonly #valid: Float32Array;
  #distance: Float32Array | undefined;

  constructor(
    private readonly nx: number,
    private readonly ny: number,
  ) {
    this.#cellsX = Math.ceil(nx / CELL_PX);
    this.#cellsY = Math.ceil(ny / CELL_PX);
    this.#valid = new Float32Array(this.#cellsX * this.#cellsY);
  }

  /** Adds row `y`: `isValid(x)` for each of its pixels. */
  addRow(y: number, isValid: (x: number) => boolean): void {
    const first = Math.floor(y / CELL_PX) * this.#cellsX;
    for (let x = 0; x < this.nx; x++) if (isValid(x)) this.#valid[first + Math.floor(x / CELL_PX)]++;
  }

  /** Whether the pixel's cell holds sky; 0-based. */
  readonly covers = (x: number, y: number): boolean => {
    if (x < -0.5 || y < -0.5 || x > this.nx - 0.5 || y > this.ny - 0.5) return false;
    const [i, j] = [Math.floor((x + 0.5) / CELL_PX), Math.floor((y + 0.5) / CELL_PX)];
    return this.#holds(Math.min(i, this.#cellsX - 1), Math.min(j, this.#cellsY - 1));
  };

  /** Distance in pixels from (x, y) to the edge of the image or of what it holds, whichever is nearer; 0 outside. */
  distanceToEdge(x: number, y: number): number {
    const toBorder = Math.min(x, y, this.nx - 1 - x, this.ny - 1 - y) + 0.5;
    const distance = (this.#distance ??= this.#distances());
    // bilinear between the centres of cells
    const fx = Math.min(Math.max((x + 0.5) / CELL_PX - 0.5, 0), this.#cellsX - 1);
    const fy = Math.min(Math.max((y + 0.5) / CELL_PX - 0.5, 0), this.#cellsY - 1);
    const [i, j] = [Math.floor(fx), Math.floor(fy)];
    const [i1, j1] = [Math.min(i + 1, this.#cellsX - 1), Math.min(j + 1, this.#cellsY - 1)];
    const [u, v] = [fx - i, fy - j];
    const at = (a: number, b: number): number => distance[b * this.#cellsX + a];
    const inside =
      (1 - v) * ((1 - u) * at(i, j) + u * at(i1, j)) + v * ((1 - u) * at(i, j1) + u * at(i1, j1));
    return Math.max(0, Math.min(toBorder, inside * CELL_PX));
  }

  #holds(i: number, j: number): boolean {
    const width = Math.min(CELL_PX, this.nx - i * CELL_PX);
    const height = Math.min(CELL_PX, this.ny - j * CELL_PX);
    return this.#valid[j * this.#cellsX + i] >= MIN_VALID * width * height;
  }

  /** Of each cell's centre, in cells, from the nearest cell outside; what lies beyond the image is not looked at. */
  #distances(): Float32Array {
    const [nx, ny] = [this.#cellsX, this.#cellsY];
    const far = nx + ny;
    const d = new Float32Array(nx * ny).fill(far);
    for (let j = 0; j < ny; j++) for (let i = 0; i < nx; i++) if (!this.#holds(i, j)) d[j * nx + i] = 0;
    const relax = (i: number, j: number, di: number, dj: number): void => {
      const [a, b] = [i + di, j + dj];
      if (a < 0 || b < 0 || a >= nx || b >= ny) return;
      const step = di !== 0 && dj !== 0 ? ACROSS : ALONG;
      d[j * nx + i] = Math.min(d[j * nx + i], d[b * nx + a] + step);
    };
    for (const sign of [1, -1]) {
      for (let n = 0; n < nx * ny; n++) {
        const k = sign > 0 ? n : nx * ny - 1 - n;
        const [i, j] = [k % nx, Math.floor(k / nx)];
        for (const [di, dj] of [
          [-1, 0],
          [0, -1],
          [-1, -1],
          [1, -1],
        ])
          relax(i, j, sign * di, sign * dj);
      }
    }
    // a cell beside one outside begins half a cell from it
    return d.map((cells) => (cells === 0 ? 0 : cells - 0.5));
  }
}

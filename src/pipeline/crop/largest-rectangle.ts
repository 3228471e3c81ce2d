// The largest rectangle of a mask that comes row by row, so that it is never held as a whole.

/** A rectangle of whole pixels, 0-based. */
export interface Rectangle {
  readonly x0: number;
  readonly y0: number;
  readonly width: number;
  readonly height: number;
}

/** Takes the rows of a mask from the first to the last; `best` is the largest rectangle of ones in the rows so far, undefined where there is none. */
export class LargestRectangle {
  best: Rectangle | undefined;
  #y = 0;
  /** Ones that end in the current row, by column. */
  readonly #heights: Int32Array;
  readonly #starts: Int32Array;
  readonly #open: Int32Array;

  constructor(private readonly nx: number) {
    this.#heights = new Int32Array(nx);
    this.#starts = new Int32Array(nx + 1);
    this.#open = new Int32Array(nx + 1);
  }

  add(row: Uint8Array): void {
    const heights = this.#heights;
    const [starts, open] = [this.#starts, this.#open];
    let depth = 0;
    for (let x = 0; x <= this.nx; x++) {
      const height = x < this.nx ? (heights[x] = row[x] ? heights[x] + 1 : 0) : 0;
      // rectangles that are higher than this column end here; what is as low as it may begin where they began
      let start = x;
      while (depth > 0 && open[depth - 1] >= height) {
        depth--;
        start = starts[depth];
        this.#offer(start, open[depth], x - start);
      }
      starts[depth] = start;
      open[depth] = height;
      depth++;
    }
    this.#y++;
  }

  #offer(x0: number, height: number, width: number): void {
    const area = this.best ? this.best.width * this.best.height : 0;
    if (width * height > area) this.best = { x0, y0: this.#y - height + 1, width, height };
  }
}

// Rows of a product in memory, a band at a time and from its first row to its last: how a canvas of any size is looked at in places.
import type { PlaneSource } from '../output/plane-source.js';

/** Rows read at once: few calls, and little read beyond what is wanted. */
const CHUNK_ROWS = 64;

/** Holds the rows last asked for, of some planes; memory is that of the largest request and one chunk. Planes that lie in memory are held as they are. */
export class RollingRows {
  readonly nx: number;
  #first = 0;
  #end = 0;
  #bands: Float32Array[];

  constructor(
    private readonly source: PlaneSource,
    private readonly planes: readonly number[] = Array.from({ length: source.planes }, (_, p) => p),
  ) {
    this.nx = source.nx;
    this.#bands = planes.map(() => new Float32Array(0));
  }

  /** First row of the bands. */
  get first(): number {
    return this.#first;
  }

  /**
   * The bands `[rows, nx]`, one for each of the planes, their first row being `first`, after rows `y0 .. y1-1` have been made part of them. Rows
   * before `y0` are forgotten: requests come in the order of their `y0`.
   */
  async need(y0: number, y1: number): Promise<readonly Float32Array[]> {
    const { view, ny } = this.source;
    if (view && this.#end === 0) [this.#bands, this.#end] = [this.planes.map((plane) => view(plane)), ny];
    if (view || (y1 <= this.#end && y0 >= this.#first)) return this.#bands;
    const keepFrom = Math.min(Math.max(y0, this.#first), this.#end);
    const from = Math.max(this.#end, y0);
    const end = Math.min(this.source.ny, Math.max(y1, from + CHUNK_ROWS));
    const first = from > this.#end ? from : keepFrom;
    const rows = end - first;
    for (let b = 0; b < this.planes.length; b++) {
      let band = this.#bands[b];
      const kept =
        first < this.#end
          ? band.subarray((first - this.#first) * this.nx, (this.#end - this.#first) * this.nx)
          : band.subarray(0, 0);
      if (band.length < rows * this.nx) {
        const larger = new Float32Array(rows * this.nx);
        larger.set(kept);
        band = larger;
      } else
        band.copyWithin(
          0,
          kept.byteOffset / 4 - band.byteOffset / 4,
          kept.byteOffset / 4 - band.byteOffset / 4 + kept.length,
        );
      await this.source.readRows(
        this.planes[b],
        from,
        end - from,
        band.subarray((from - first) * this.nx, rows * this.nx),
      );
      this.#bands[b] = band;
    }
    [this.#first, this.#end] = [first, end];
    return this.#bands;
  }
}

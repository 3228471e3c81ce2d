// Rows of a mosaic in the memory of the passes, a band at a time and from its first row to its last: how a canvas of any size is looked at in places.
import type { SamplePasses } from '../../simd/sample-passes.js';
import type { PlaneSource } from './plane-source.js';

/** Rows read at once: few calls, and little read beyond what is wanted. */
const CHUNK_ROWS = 64;

/** A ring of rows for each plane: row `y` lies at number `y % rows` of each. */
export class RingRows {
  /** Rows of a ring, a power of two. */
  readonly rows: number;
  /** Address of the first plane's ring, and the bytes of one. */
  readonly address: number;
  readonly bytes: number;
  #first = 0;
  #end = 0;

  /** For requests of at most `most` rows. Its memory is taken from the room, from which nothing is to be taken while rows are read. */
  constructor(
    private readonly room: SamplePasses,
    private readonly source: Pick<PlaneSource, 'nx' | 'ny' | 'planes' | 'readRows'>,
    most: number,
  ) {
    this.rows = 2 ** Math.ceil(Math.log2(most + CHUNK_ROWS));
    this.bytes = 4 * this.rows * source.nx;
    this.address = room.take(source.planes * this.bytes);
  }

  /** The ring of a plane, `[rows, nx]`. */
  plane(plane: number): Float32Array {
    const { rows, source } = this;
    return new Float32Array(this.room.buffer, this.address + plane * this.bytes, rows * source.nx);
  }

  /** Has rows `y0` to `y1 - 1` in the rings. They may be gone once later ones are asked for; where earlier ones are, reading begins anew. */
  async need(y0: number, y1: number): Promise<void> {
    const { source, rows } = this;
    if (y0 < this.#first || y0 > this.#end) this.#first = this.#end = y0;
    if (y1 <= this.#end) return;
    const end = Math.min(source.ny, Math.max(y1, this.#end + CHUNK_ROWS));
    for (let from = this.#end; from < end;) {
      const count = Math.min(end - from, rows - (from % rows));
      for (let plane = 0; plane < source.planes; plane++) await this.#read(plane, from, count);
      from += count;
    }
    this.#first = Math.max(this.#first, end - rows);
    this.#end = end;
  }

  #read(plane: number, y0: number, count: number): Promise<void> {
    const { nx } = this.source;
    const from = (y0 % this.rows) * nx;
    return this.source.readRows(plane, y0, count, this.plane(plane).subarray(from, from + count * nx));
  }
}

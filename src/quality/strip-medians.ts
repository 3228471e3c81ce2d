// What the sky is on either side of an edge, and of lines beside it: medians of six strips, in WebAssembly, because a mosaic has a few ten thousand of them.
import type { PlaneSource } from '../output/sources/plane-source.js';
import { RingRows } from '../output/sources/ring-rows.js';
import type { SamplePasses } from '../simd/sample-passes.js';

/** A point on an edge with unit vectors along the edge and out of the frame; pixels, 0-based. */
export interface EdgePoint {
  readonly x: number;
  readonly y: number;
  readonly u: readonly [number, number];
  readonly n: readonly [number, number];
}

/** Half the length of a strip along the edge. */
export const HALF_LENGTH_PX = 60;
/** Where a strip begins and ends across it: what a warp reaches over the edge is left out. */
export const STRIP_FROM_PX = 2;
export const STRIP_TO_PX = 16;
/** Lines beside the edge, that tell the slope of the sky. */
export const BESIDE_PX = 44;
const ALONG_STEP_PX = 4;
const ACROSS_STEP_PX = 2;
const STRIP_SAMPLES =
  (Math.floor((2 * HALF_LENGTH_PX) / ALONG_STEP_PX) + 1) *
  (Math.floor((STRIP_TO_PX - STRIP_FROM_PX) / ACROSS_STEP_PX) + 1);
const MIN_FILLED = 0.6;

/** Where they begin and end: outer and inner strip of the line outside, of the edge, and of the line inside. What lacks a sky lacks it far out first. */
const REACHES = [BESIDE_PX, 0, -BESIDE_PX].flatMap((line) => [
  ...[line + STRIP_FROM_PX, line + STRIP_TO_PX],
  ...[line - STRIP_TO_PX, line - STRIP_FROM_PX],
]);
const STRIPS = REACHES.length / 2;

const REACH_ROWS = Math.ceil(Math.hypot(HALF_LENGTH_PX, BESIDE_PX + STRIP_TO_PX)) + 1;

/** The strips of one edge of a mosaic at a time: aimed once, then asked for the step on each plane. A strip wants 0.6 of its samples. */
export class StripMedians {
  readonly #reachesAt: number;
  readonly #placesAt: number;
  readonly #valuesAt: number;
  readonly #rows: RingRows;

  /** Takes its memory from the room, from which nothing else is to be taken meanwhile. */
  constructor(
    private readonly room: SamplePasses,
    private readonly mosaic: PlaneSource,
  ) {
    this.#reachesAt = room.take(8 * REACHES.length);
    this.#placesAt = room.take(4 * STRIPS * STRIP_SAMPLES);
    this.#valuesAt = room.take(4 * STRIP_SAMPLES);
    this.#rows = new RingRows(room, mosaic, 2 * REACH_ROWS + 1);
    new Float64Array(room.buffer, this.#reachesAt, REACHES.length).set(REACHES);
  }

  /** Aims the strips at an edge. Where edges follow the order of rows, these are read once. */
  async aim({ x, y, u, n }: EdgePoint): Promise<void> {
    const { nx, ny } = this.mosaic;
    const y0 = Math.max(0, Math.floor(y) - REACH_ROWS);
    const y1 = Math.min(ny, Math.floor(y) + REACH_ROWS + 1);
    await this.#rows.need(y0, y1);
    // prettier-ignore
    this.room.passes.stripPlaces(
      x, y, u[0], u[1], n[0], n[1], this.#reachesAt, STRIPS,
      ACROSS_STEP_PX, HALF_LENGTH_PX, ALONG_STEP_PX, nx, y0, y1, this.#rows.rows, this.#placesAt,
    );
  }

  /** Outside less inside, the mean of the same at the lines beside it taken off, on a plane; NaN where a strip has too few values. */
  step(plane: number): number {
    const { address, bytes } = this.#rows;
    return this.room.passes.edgeStep(
      address + plane * bytes,
      this.#placesAt,
      STRIP_SAMPLES,
      MIN_FILLED * STRIP_SAMPLES,
      this.#valuesAt,
    );
  }
}

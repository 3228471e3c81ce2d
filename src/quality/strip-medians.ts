// What the sky is on either side of an edge, and of lines beside it: medians of six strips, in WebAssembly, because a mosaic has a few ten thousand of them.
import { SamplePasses } from '../simd/sample-passes.js';

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

/** The strips of one edge at a time: aimed once, then asked for the step on each plane. A strip wants 0.6 of its samples. */
export class StripMedians {
  readonly #room = new SamplePasses();
  readonly #reachesAt = this.#room.take(8 * REACHES.length);
  readonly #placesAt = this.#room.take(4 * STRIPS * STRIP_SAMPLES);
  readonly #valuesAt = this.#room.take(4 * STRIP_SAMPLES);
  readonly #places = new Int32Array(this.#room.buffer, this.#placesAt, STRIPS * STRIP_SAMPLES);
  readonly #values = new Float32Array(this.#room.buffer, this.#valuesAt, STRIP_SAMPLES);
  readonly #medians = new Float64Array(STRIPS);

  constructor() {
    new Float64Array(this.#room.buffer, this.#reachesAt, REACHES.length).set(REACHES);
  }

  /** Aims the strips at an edge, on rows `y0` to `y1 - 1` of `nx` columns. */
  aim({ x, y, u, n }: EdgePoint, nx: number, y0: number, y1: number): void {
    // prettier-ignore
    this.#room.passes.stripPlaces(
      x, y, u[0], u[1], n[0], n[1], this.#reachesAt, STRIPS,
      ACROSS_STEP_PX, HALF_LENGTH_PX, ALONG_STEP_PX, nx, y0, y1, this.#placesAt,
    );
  }

  /** Outside less inside, the mean of the same at the lines beside it taken off, on a plane whose row `y0` begins at `start`; NaN where a strip has too few values. */
  step(plane: Float32Array, start: number): number {
    const [places, values, medians] = [this.#places, this.#values, this.#medians];
    const { passes } = this.#room;
    for (let strip = 0, at = 0; strip < STRIPS; strip++) {
      for (let k = 0; k < STRIP_SAMPLES; k++, at++)
        values[k] = places[at] < 0 ? NaN : plane[start + places[at]];
      medians[strip] = passes.stripMedian(this.#valuesAt, STRIP_SAMPLES, MIN_FILLED * STRIP_SAMPLES);
      if (medians[strip] !== medians[strip]) return NaN;
    }
    const [farOuter, farInner, outer, inner, nearOuter, nearInner] = medians;
    return outer - inner - (nearOuter - nearInner + (farOuter - farInner)) / 2;
  }
}

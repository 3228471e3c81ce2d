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

/** Outer and inner strip of the edge, of the line inside, and of the line outside. */
const STRIPS = [0, -BESIDE_PX, BESIDE_PX].flatMap((line) => [
  [line + STRIP_FROM_PX, line + STRIP_TO_PX],
  [line - STRIP_TO_PX, line - STRIP_FROM_PX],
]);

/** The strips of one edge at a time: aimed once, then asked for the step on each plane. A strip wants 0.6 of its samples. */
export class StripMedians {
  readonly #room = new SamplePasses();
  readonly #placesAt = this.#room.take(4 * STRIPS.length * STRIP_SAMPLES);
  readonly #valuesAt = this.#room.take(4 * STRIPS.length * STRIP_SAMPLES);
  readonly #mediansAt = this.#room.take(8 * STRIPS.length);
  readonly #places = new Int32Array(this.#room.buffer, this.#placesAt, STRIPS.length * STRIP_SAMPLES);
  readonly #values = new Float32Array(this.#room.buffer, this.#valuesAt, STRIPS.length * STRIP_SAMPLES);
  readonly #medians = new Float64Array(this.#room.buffer, this.#mediansAt, STRIPS.length);

  /** Aims the strips at an edge, on rows `y0` to `y1 - 1` of `nx` columns. */
  aim({ x, y, u, n }: EdgePoint, nx: number, y0: number, y1: number): void {
    let at = this.#placesAt;
    const { passes } = this.#room;
    for (let k = 0; k < STRIPS.length; k++) {
      // prettier-ignore
      at += 4 * passes.stripPlaces(
        x, y, u[0], u[1], n[0], n[1], STRIPS[k][0], STRIPS[k][1],
        ACROSS_STEP_PX, HALF_LENGTH_PX, ALONG_STEP_PX, nx, y0, y1, at,
      );
    }
  }

  /** Outside less inside, the mean of the same at the lines beside it taken off, on a plane whose row `y0` begins at `start`; NaN where a strip has too few values. */
  step(plane: Float32Array, start: number): number {
    const [places, values] = [this.#places, this.#values];
    for (let k = 0; k < places.length; k++) values[k] = places[k] < 0 ? NaN : plane[start + places[k]];
    this.#room.passes.stripMedians(
      this.#valuesAt,
      STRIPS.length,
      STRIP_SAMPLES,
      MIN_FILLED * STRIP_SAMPLES,
      this.#mediansAt,
    );
    const [outer, inner, nearOuter, nearInner, farOuter, farInner] = this.#medians;
    return outer - inner - (nearOuter - nearInner + (farOuter - farInner)) / 2;
  }
}

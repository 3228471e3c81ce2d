// Points of a frame while it is being adjusted, its stars: where its own WCS puts them, and where its model does.
import { sharedPasses } from '../../simd/sample-passes.js';
import type { CelestialWcs } from '../wcs/celestial-wcs.js';
import type { AdjustFrame } from './adjust-types.js';

/** What of a frame's model (`FrameModel`) places its points; planes as `src/simd/assembly/plan/places/tangent-plane.ts` takes them. */
export interface PointModel extends Pick<AdjustFrame, 'width' | 'height' | 'origin'> {
  readonly given: CelestialWcs;
  readonly unit: number;
  readonly plane: Float64Array;
  readonly givenPlane: Float64Array;
}

/** Unit vectors, one array a coordinate; NaN for none. */
export interface Directions {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly z: Float64Array;
}

/** FITS pixels. */
interface Places {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** Room for directions. */
export const directionsOf = (count: number): Directions => ({
  x: new Float64Array(count),
  y: new Float64Array(count),
  z: new Float64Array(count),
});

export class FramePoints {
  readonly count: number;
  /** Directions by the WCS that the frame came with; a point off its sky is nowhere. */
  readonly given: Directions;
  readonly #places: Places;
  readonly #middle: readonly [number, number];

  /** Of the first `count` places, FITS pixels, which nobody may write to. `given`: what their directions are written to. */
  constructor(
    { given: wcs, width, height }: PointModel,
    places: Places,
    count = places.x.length,
    given = directionsOf(count),
  ) {
    this.count = count;
    this.#places = places;
    this.#middle = [(width + 1) / 2, (height + 1) / 2];
    const { x, y, z } = given;
    const v = new Float64Array(3);
    for (let s = 0; s < count; s++) {
      const isOnSky = wcs.pixelToUnit(places.x[s], places.y[s], v);
      x[s] = isOnSky ? v[0] : NaN;
      y[s] = isOnSky ? v[1] : NaN;
      z[s] = isOnSky ? v[2] : NaN;
    }
    this.given = given;
  }

  /** Pixels from the middle. */
  fromMiddle(
    x = new Float64Array(this.count),
    y = new Float64Array(this.count),
  ): { readonly x: Float64Array; readonly y: Float64Array } {
    const [middleX, middleY] = this.#middle;
    const places = this.#places;
    for (let s = 0; s < x.length; s++) {
      x[s] = places.x[s] - middleX;
      y[s] = places.y[s] - middleY;
    }
    return { x, y };
  }

  /** `[count, 2]`: pixels from the middle without what the given WCS knows of distortion, with the distortion `terms` as the model's linear map takes them. */
  bases(model: PointModel, terms?: Float64Array): Float64Array {
    return this.#place(model, terms, false).bases;
  }

  /** Where the model puts the points, with the distortion `terms`. */
  directions(model: PointModel, terms: Float64Array): Directions {
    return this.#place(model, terms, true).directions;
  }

  #place(model: PointModel, terms: Float64Array | undefined, onSky: boolean) {
    const { count } = this;
    const { x, y, z } = this.given;
    const memory = sharedPasses();
    const taken = (values: Float64Array) => {
      const at = memory.take(values.byteLength);
      new Float64Array(memory.buffer, at, values.length).set(values);
      return at;
    };
    const [base, px, py] = [memory.take(16 * count), memory.take(8 * count), memory.take(8 * count)];
    const [ux, uy, uz] = [x, y, z].map(taken);
    const given = model.origin === 'given' ? taken(model.givenPlane) : 0;
    const [distortion, plane] = [terms ? taken(terms) : 0, onSky ? taken(model.plane) : 0];
    this.fromMiddle(new Float64Array(memory.buffer, px, count), new Float64Array(memory.buffer, py, count));
    memory.passes.placePoints(
      ...([given, distortion, plane, model.unit, count] as const),
      ...([px, py, ux, uy, uz, base] as const),
    );
    const of = (at: number, length: number) => new Float64Array(memory.buffer, at, length).slice();
    return {
      bases: of(base, onSky ? 0 : 2 * count),
      directions: { x: of(ux, count), y: of(uy, count), z: of(uz, count) },
    };
  }
}

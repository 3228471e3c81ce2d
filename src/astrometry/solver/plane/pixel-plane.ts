// A polynomial map from pixels to a tangent plane, and its fit to matched stars.
import type { UnitVector } from '../../wcs/sphere.js';
import { LeastSquares } from './least-squares.js';
import { dot, planeBasis, type PlaneBasis } from './plane-basis.js';

/** Terms u^p v^q of a polynomial of that order: 1, u, v, u^2, uv, v^2, ... */
export function termCount(order: number): number {
  return ((order + 1) * (order + 2)) / 2;
}

/** Writes the terms by rising degree; in a degree from u^d to v^d. */
export function polynomialTerms(order: number, u: number, v: number, out: Float64Array): void {
  out[0] = 1;
  let at = 1;
  for (let degree = 1; degree <= order; degree++) {
    const before = at - degree;
    for (let k = 0; k < degree; k++) out[at + k] = out[before + k] * u;
    out[at + degree] = out[at - 1] * v;
    at += degree + 1;
  }
}

/** Pixels (X, Y) from the image's middle -> tangent plane at `basis.centre`, radians. */
export interface PixelPlane {
  readonly basis: PlaneBasis;
  readonly order: number;
  /** Coefficients of the terms in u = X / unit, v = Y / unit. */
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly unit: number;
}

/** A matched star: pixels from the middle, direction on the sky, weight. */
export interface StarPair {
  readonly x: number;
  readonly y: number;
  readonly sky: UnitVector;
  readonly weight: number;
}

/** Least-squares map of the given order; undefined when the stars do not determine it. */
export function fitPixelPlane(
  pairs: readonly StarPair[],
  centre: UnitVector,
  order: number,
  unit: number,
): PixelPlane | undefined {
  const terms = termCount(order);
  if (pairs.length < terms) return undefined;
  const basis = planeBasis(centre);
  const system = new LeastSquares(terms);
  const row = new Float64Array(terms);
  for (const { x, y, sky, weight } of pairs) {
    polynomialTerms(order, x / unit, y / unit, row);
    const depth = dot(basis.centre, ...sky);
    system.add(row, dot(basis.east, ...sky) / depth, dot(basis.north, ...sky) / depth, weight);
  }
  const solution = system.solve();
  return solution && { basis, order, a: solution.f, b: solution.g, unit };
}

/** Evaluates the map with its scratch row; and the other way by Newton steps on its linear part. */
export class PixelPlaneMap {
  readonly plane: PixelPlane;
  readonly #row: Float64Array;
  /** Inverse of the linear part: pixels a radian. */
  readonly #inverse: readonly [number, number, number, number];
  readonly #out = new Float64Array(2);

  constructor(plane: PixelPlane) {
    this.plane = plane;
    this.#row = new Float64Array(termCount(plane.order));
    const [a, b, c, d] = linearPart(plane);
    const det = a * d - b * c;
    this.#inverse = [d / det, -b / det, -c / det, a / det];
  }

  toPlane(x: number, y: number, out: Float64Array): void {
    const { a, b, order, unit } = this.plane;
    polynomialTerms(order, x / unit, y / unit, this.#row);
    let [f, g] = [0, 0];
    for (let t = 0; t < this.#row.length; t++) {
      f += a[t] * this.#row[t];
      g += b[t] * this.#row[t];
    }
    out[0] = f;
    out[1] = g;
  }

  /** Pixels from the middle of a direction; false when it lies behind the plane. */
  toPixel(ux: number, uy: number, uz: number, out: Float64Array): boolean {
    const { basis, a, b, order } = this.plane;
    const depth = dot(basis.centre, ux, uy, uz);
    if (!(depth > 0.05)) return false;
    const f = dot(basis.east, ux, uy, uz) / depth;
    const g = dot(basis.north, ux, uy, uz) / depth;
    const [i, j, k, l] = this.#inverse;
    let x = i * (f - a[0]) + j * (g - b[0]);
    let y = k * (f - a[0]) + l * (g - b[0]);
    // distortions are of the order of a percent: each step gains two digits
    for (let step = 0; order > 1 && step < 4; step++) {
      this.toPlane(x, y, this.#out);
      const [df, dg] = [f - this.#out[0], g - this.#out[1]];
      x += i * df + j * dg;
      y += k * df + l * dg;
    }
    out[0] = x;
    out[1] = y;
    return true;
  }
}

/** Radians a pixel: d(east)/dX, d(east)/dY, d(north)/dX, d(north)/dY at the middle. */
export function linearPart({ a, b, unit }: PixelPlane): [number, number, number, number] {
  return [a[1] / unit, a[2] / unit, b[1] / unit, b[2] / unit];
}

// A frame while it is being adjusted: a linear map onto a tangent plane, over pixels that a distortion has moved.
import type { CelestialWcs } from '../wcs/celestial-wcs.js';
import type { UnitVector } from '../wcs/sphere.js';
import { fitPixelPlane, linearPart, termCount, type StarPair } from '../solver/plane/pixel-plane.js';
import { planeWcs } from '../solver/plane/plane-wcs.js';
import { dot, fromPlane, planeBasis, type PlaneBasis } from '../solver/plane/plane-basis.js';
import type { AdjustFrame } from './adjust-types.js';
import { FramePoints } from './frame-points.js';
import { DISTORTION_ORDER, type Distortion } from './shared-distortion.js';

/** Half the intervals of the lattice on which a WCS is sampled. */
const LATTICE = 4;
/** A WCS that polynomials cannot follow within this many pixels is not adjusted. */
const MAX_MODEL_ERROR_PX = 0.003;
/** Orders of TAN-SIP in which a given WCS is expressed, the first that is good enough. */
const GIVEN_ORDERS = [1, 3, 5] as const;
/** Step of the derivative at the middle, pixels: symmetrical, so that only third derivatives count. */
const STEP_PX = 10;

export class FrameModel {
  readonly width: number;
  readonly height: number;
  /** Half the diagonal: the unit of U and V. */
  readonly unit: number;
  readonly given: CelestialWcs;
  readonly origin: AdjustFrame['origin'];
  #basis: PlaneBasis;
  /** Radians a pixel, row-major: east, north; columns x, y. */
  #cd: readonly [number, number, number, number];

  /** The plane and the map of the beginning. */
  readonly #givenBasis: PlaneBasis;
  readonly #givenCd: readonly [number, number, number, number];

  /** `scale`, radians a pixel, replaces the frame's own where it is solved. */
  constructor({ width, height, wcs, origin }: AdjustFrame, scale?: number) {
    this.width = width;
    this.height = height;
    this.unit = Math.hypot(width, height) / 2;
    this.given = wcs;
    this.origin = origin;
    const plane = affine(wcs, width, height);
    this.#basis = planeBasis(fromPlane(plane.basis, plane.a[0], plane.b[0]));
    this.#cd = linearPart(plane);
    if (origin === 'solved') this.#cd = similarity(this.#cd, scale);
    this.#givenBasis = this.#basis;
    this.#givenCd = this.#cd;
  }

  get scale(): number {
    const cd = this.#cd;
    return Math.sqrt(Math.abs(cd[0] * cd[3] - cd[1] * cd[2]));
  }

  get parity(): 1 | -1 {
    const [a, b, c, d] = this.#cd;
    return a * d - b * c > 0 ? 1 : -1;
  }

  get centre(): UnitVector {
    return this.#basis.centre;
  }

  /** The linear map in numbers, as `src/simd/assembly/plan/places/tangent-plane.ts` takes it. */
  get plane(): Float64Array {
    return planeNumbers(this.#basis, this.#cd, this.unit);
  }

  /** The same of the beginning, in which bases of a given WCS are told. */
  get givenPlane(): Float64Array {
    return planeNumbers(this.#givenBasis, this.#givenCd, this.unit);
  }

  #direction(baseX: number, baseY: number): UnitVector {
    const cd = this.#cd;
    return fromPlane(this.#basis, cd[0] * baseX + cd[1] * baseY, cd[2] * baseX + cd[3] * baseY);
  }

  /** Takes up a correction in pixels: shift, and matrix per `unit`. The plane moves to the new middle. */
  move(shiftX: number, shiftY: number, matrix: readonly [number, number, number, number]): void {
    const at = (x: number, y: number) =>
      this.#direction(
        x + shiftX + (matrix[0] * x + matrix[1] * y) / this.unit,
        y + shiftY + (matrix[2] * x + matrix[3] * y) / this.unit,
      );
    const basis = planeBasis(at(0, 0));
    const onPlane = (v: UnitVector) => {
      const depth = dot(basis.centre, ...v);
      return [dot(basis.east, ...v) / depth, dot(basis.north, ...v) / depth];
    };
    const [left, right] = [onPlane(at(-STEP_PX, 0)), onPlane(at(STEP_PX, 0))];
    const [below, above] = [onPlane(at(0, -STEP_PX)), onPlane(at(0, STEP_PX))];
    const h = 2 * STEP_PX;
    this.#cd = [
      (right[0] - left[0]) / h,
      (above[0] - below[0]) / h,
      (right[1] - left[1]) / h,
      (above[1] - below[1]) / h,
    ];
    this.#basis = basis;
  }

  /** The WCS that headers can hold; undefined where none follows the model closely enough. */
  wcs(distortion: Distortion): CelestialWcs | undefined {
    const orders = this.origin === 'solved' ? [DISTORTION_ORDER] : GIVEN_ORDERS;
    const pairs = this.#lattice(distortion);
    if (!pairs) return undefined;
    for (const order of distortion.order > 1 || this.origin === 'given' ? orders : [1]) {
      const plane = fitPixelPlane(pairs, this.centre, order, this.unit);
      // the constant terms are those of the middle, where the plane touches: rounding of the fit alone
      const made = plane && planeWcs(plane, this.width, this.height);
      if (made && modelError(made, pairs, this.width, this.height) < MAX_MODEL_ERROR_PX) return made;
    }
    return undefined;
  }

  #lattice(distortion: Distortion): StarPair[] | undefined {
    const side = 2 * LATTICE + 1;
    const [x, y] = [new Float64Array(side * side), new Float64Array(side * side)];
    for (let k = 0; k < x.length; k++) {
      x[k] = (((k % side) - LATTICE) / LATTICE / 2) * this.width + (this.width + 1) / 2;
      y[k] = ((Math.floor(k / side) - LATTICE) / LATTICE / 2) * this.height + (this.height + 1) / 2;
    }
    const points = new FramePoints(this, { x, y });
    const pixels = points.fromMiddle();
    const sky = points.directions(this, distortion.terms);
    const pairs: StarPair[] = [];
    for (let k = 0; k < x.length; k++) {
      if (Number.isNaN(sky.x[k])) return undefined;
      pairs.push({ x: pixels.x[k], y: pixels.y[k], sky: [sky.x[k], sky.y[k], sky.z[k]], weight: 1 });
    }
    return pairs;
  }
}

const planeNumbers = (
  { centre, east, north }: PlaneBasis,
  cd: readonly [number, number, number, number],
  unit: number,
): Float64Array => Float64Array.of(...centre, ...east, ...north, ...cd, unit);

/** The linear map that fits a WCS best over the frame; its plane touches at the WCS's middle. */
function affine(wcs: CelestialWcs, width: number, height: number) {
  const v = new Float64Array(3);
  const middle = [(width + 1) / 2, (height + 1) / 2];
  wcs.pixelToUnit(middle[0], middle[1], v);
  const centre: UnitVector = [v[0], v[1], v[2]];
  const pairs: StarPair[] = [];
  for (let j = -LATTICE; j <= LATTICE; j++) {
    for (let i = -LATTICE; i <= LATTICE; i++) {
      const [x, y] = [(i / LATTICE / 2) * width, (j / LATTICE / 2) * height];
      if (wcs.pixelToUnit(x + middle[0], y + middle[1], v))
        pairs.push({ x, y, sky: [v[0], v[1], v[2]], weight: 1 });
    }
  }
  const plane = fitPixelPlane(pairs, centre, 1, Math.hypot(width, height) / 2);
  // a lattice determines an affine map
  if (!plane || termCount(plane.order) !== 3) throw new RangeError('a WCS without a linear part');
  return plane;
}

/** The rotation, scale and parity that are closest to a matrix; `scale` in place of its own where given. */
function similarity(
  [a, b, c, d]: readonly [number, number, number, number],
  scale: number | undefined,
): readonly [number, number, number, number] {
  const parity = a * d - b * c > 0 ? 1 : -1;
  const [p, q] = [a + parity * d, c - parity * b];
  const length = Math.hypot(p, q);
  const size = scale ?? length / 2;
  const [cos, sin] = [(size * p) / length, (size * q) / length];
  return [cos, -parity * sin, sin, parity * cos];
}

/** Largest distance in pixels between a WCS and the directions it should give. */
function modelError(wcs: CelestialWcs, pairs: readonly StarPair[], width: number, height: number): number {
  const out = new Float64Array(3);
  let worst = 0;
  for (const { x, y, sky } of pairs) {
    if (!wcs.unitToPixel(sky[0], sky[1], sky[2], out)) return Infinity;
    worst = Math.max(worst, Math.hypot(out[0] - x - (width + 1) / 2, out[1] - y - (height + 1) / 2));
  }
  return worst;
}

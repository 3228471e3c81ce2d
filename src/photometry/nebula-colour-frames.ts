// The sky of each frame under a nebula that leaves none of it plain: nebula and sky differ in colour, and that tells them apart where brightness cannot.
import { addTerms, levelAt, LEVEL_POLYNOMIAL_TERMS, termsOf } from './level-polynomial.js';
import { mainAxis } from './main-axis.js';
import { factorBlock, solveBlock } from './small-cholesky.js';

/** The cells of one frame's mesh: positions in the frame's normalised coordinates, and of each channel the levels and their standard deviation, common ADU. */
export interface ColourMesh {
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  readonly values: readonly ArrayLike<number>[];
  readonly sigma: readonly number[];
}

/** What colour tells of the frames' skies. Coefficients are to be multiplied by the sky's colour. */
export interface ColourSurfaces {
  /** `[frame]`, coefficients of 1 (always 0), X, Y, X^2, XY, Y^2. */
  readonly terms: readonly Float64Array[];
  /** Standard deviation of the linear and of the quadratic ones. */
  readonly widths: readonly [number, number];
}

const CHANNELS = 3;
/** Cells of a frame that a surface is told from, and along each axis. */
const MIN_CELLS = 24;
const MIN_SIDE = 4;
const MAX_ROUNDS = 20;
/** A nebula's colour that turns by less than this, radians, has settled. */
const SETTLED = 1e-5;
/** A cell further from the two colours than this many robust sigma has no say (Tukey 1977; stars in the mesh, a second nebula). */
const TUKEY = 4.685;
/** The nebula must stand out of the scatter by this factor, and sky and nebula must differ in colour by this sine, or neither can be told. */
const MIN_RELIEF = 8;
const MIN_COLOUR_SINE = 0.2;
/** Two colours explain the cells when what is left scatters by no more than this many times their noise, with no more than this share of them shut out. */
const MAX_LEFT = 2;
const MAX_SHUT_OUT = 0.25;

/**
 * Model of a cell: value_c = constant_fc + n_c N + s_c P_f(X, Y), the nebula's brightness N free at every cell, its colour n common to all frames, the colour
 * s of the sky's changes given, P_f a polynomial of degree `order` without a constant. n is the main axis of what polynomials leave of the cells' colours: small
 * structures tell it, which no sky has. Of a cell's colour the part across n then holds no nebula: P_f is fitted to it, frame by frame, without the help
 * of overlaps. The direction across both n and s shows what such surfaces are worth. Undefined where cells show more colours than two, too little nebula, or one of
 * the sky's colour.
 */
export function fitColourSurfaces(
  meshes: readonly ColourMesh[],
  skyColour: readonly number[],
  order: 1 | 2,
): ColourSurfaces | undefined {
  if (meshes.length === 0 || !meshes.every(isWide)) return undefined;
  const unit = Array.from({ length: CHANNELS }, (_, c) => typical(meshes.map(({ sigma }) => sigma[c])));
  const s = skyColour.map((v, c) => v / unit[c]);
  const cells = meshes.map((mesh) => new Cells(mesh, unit, order));
  let n = s.map(() => 0);
  let relief = 0;
  let left = Infinity;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const covariance = s.map(() => s.map(() => 0));
    const total = cells.reduce((sum, frame) => sum + frame.addCovariance(covariance), 0);
    const axis = mainAxis(covariance.map((row) => row.map((v) => v / total)));
    const turned = Math.hypot(...cross(n, axis.axis));
    n = axis.axis;
    relief = axis.deviation;
    // The median distance of normal deviates in two dimensions is 1.1774 sigma.
    left = typical(cells.flatMap((frame) => frame.distances(n, s))) / 1.1774;
    for (const frame of cells) frame.reweigh(TUKEY * left);
    if (round > 2 && turned < SETTLED) break;
  }
  const across = s.map((v, c) => v - n[c] * dot(s, n));
  const length = Math.hypot(...across);
  const shutOut = cells.reduce((sum, { shutOut }) => sum + shutOut, 0) / cells.length;
  if (!(length >= MIN_COLOUR_SINE * Math.hypot(...s)) || shutOut > MAX_SHUT_OUT) return undefined;
  if (!(relief >= MIN_RELIEF) || !(left <= MAX_LEFT)) return undefined;
  const idle = cells.map((frame) => frame.fit(normal(n, s)));
  const width = (from: number, to: number) =>
    (1 / length) *
    Math.sqrt(
      idle.reduce((sum, p) => sum + p.slice(from, to).reduce((a, v) => a + v * v, 0), 0) /
        (idle.length * (to - from)),
    );
  return {
    terms: cells.map((frame) => {
      const p = frame.fit(across.map((v) => v / length ** 2));
      p[0] = 0;
      return p;
    }),
    widths: [width(1, 3), width(3, LEVEL_POLYNOMIAL_TERMS)],
  };
}

/** The cells of one frame in units of the typical noise, with their weights. */
class Cells {
  readonly #x: ArrayLike<number>;
  readonly #y: ArrayLike<number>;
  /** Per channel. */
  readonly #values: readonly Float64Array[];
  readonly #terms: number;
  readonly #weight: Float64Array;
  /** Of this frame over the typical one. */
  readonly #noise: number;
  readonly #left: readonly Float64Array[];
  #distance: readonly number[] = [];

  constructor({ x, y, values, sigma }: ColourMesh, unit: readonly number[], order: 1 | 2) {
    this.#x = x;
    this.#y = y;
    this.#values = values.map((channel, c) => Float64Array.from(channel, (v) => v / unit[c]));
    this.#terms = termsOf(order);
    this.#weight = new Float64Array(x.length).fill(1);
    this.#noise = sigma.reduce((sum, v, c) => sum + v / unit[c], 0) / sigma.length;
    this.#left = values.map(() => new Float64Array(x.length));
  }

  /** Share of the cells that have no say. */
  get shutOut(): number {
    return this.#weight.reduce((sum, v) => sum + (v < 0.1 ? 1 : 0), 0) / this.#weight.length;
  }

  /** Polynomial (six coefficients) under what the cells show along `direction`. */
  fit(direction: readonly number[]): Float64Array {
    const column = this.#weight.map((_, k) =>
      direction.reduce((sum, d, c) => sum + d * this.#values[c][k], 0),
    );
    return this.#fitTo([column])[0];
  }

  /** Adds the weighted products of what polynomials leave of the channels; returns the sum of weights. */
  addCovariance(sums: number[][]): number {
    const scale = 1 / this.#noise ** 2;
    const fitted = this.#fitTo(this.#values);
    this.#values.forEach((values, c) => {
      values.forEach((v, k) => {
        this.#left[c][k] = v - levelAt(fitted[c], 0, LEVEL_POLYNOMIAL_TERMS, this.#x[k], this.#y[k]);
      });
    });
    sums.forEach((row, i) => {
      row.forEach((_, j) => {
        row[j] +=
          scale * this.#weight.reduce((sum, w, k) => sum + w * this.#left[i][k] * this.#left[j][k], 0);
      });
    });
    return scale * this.#weight.reduce((sum, w) => sum + w, 0);
  }

  /**
   * Distances of the cells from the colours `n` and `s`, in units of the frame's noise: across both, where smooth light of a third colour shows as well as
   * structure, and across n of what polynomials leave.
   */
  distances(n: readonly number[], s: readonly number[]): readonly number[] {
    const third = normal(n, s);
    const across = normal(third, n);
    const along = (columns: readonly Float64Array[], direction: readonly number[], k: number) =>
      direction.reduce((sum, d, c) => sum + d * columns[c][k], 0);
    const [sum, total] = this.#weight.reduce(
      ([a, b], w, k) => [a + w * along(this.#values, third, k), b + w],
      [0, 0],
    );
    this.#distance = Array.from(
      this.#weight,
      (_, k) =>
        Math.hypot(along(this.#left, across, k), along(this.#values, third, k) - sum / total) / this.#noise,
    );
    return this.#distance;
  }

  /** Tukey's weights of the distances. */
  reweigh(limit: number): void {
    this.#distance.forEach((r, k) => {
      const z = r / Math.max(limit, Number.MIN_VALUE);
      this.#weight[k] = z < 1 ? (1 - z * z) ** 2 : 0;
    });
  }

  /** Polynomials (six coefficients each) under columns of values. */
  #fitTo(columns: readonly Float64Array[]): Float64Array[] {
    const n = this.#terms;
    const matrix = new Float64Array(n * n);
    const results = columns.map(() => new Float64Array(LEVEL_POLYNOMIAL_TERMS));
    const basis = new Float64Array(LEVEL_POLYNOMIAL_TERMS);
    for (let k = 0; k < this.#weight.length; k++) {
      basis.fill(0);
      addTerms(basis, 0, n, this.#x[k], this.#y[k], 1);
      for (let i = 0; i < n; i++) {
        const w = this.#weight[k] * basis[i];
        for (let c = 0; c < columns.length; c++) results[c][i] += w * columns[c][k];
        for (let j = 0; j <= i; j++) matrix[i * n + j] += w * basis[j];
      }
    }
    factorBlock(matrix, 0, n);
    for (const result of results) solveBlock(matrix, 0, n, result, 0);
    return results;
  }
}

/** Whether a frame's cells can tell a surface. */
function isWide({ x, y, values, sigma }: ColourMesh): boolean {
  const places = (axis: ArrayLike<number>) => new Set(Array.from(axis, (v) => Math.fround(v))).size;
  return (
    values.length === CHANNELS &&
    sigma.every((v) => v > 0) &&
    x.length >= MIN_CELLS &&
    Math.min(places(x), places(y)) >= MIN_SIDE
  );
}

function typical(values: readonly number[]): number {
  return Float64Array.from(values).sort()[values.length >> 1];
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, v, i) => sum + v * b[i], 0);
}

/** Unit vector across two. */
function normal(a: readonly number[], b: readonly number[]): number[] {
  const vector = cross(a, b);
  const length = Math.hypot(...vector);
  return vector.map((v) => v / Math.max(length, Number.MIN_VALUE));
}

function cross([a, b, c]: readonly number[], [x, y, z]: readonly number[]): number[] {
  return [b * z - c * y, c * x - a * z, a * y - b * x];
}

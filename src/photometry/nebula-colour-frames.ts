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
/** Cells that tell the nebula's colour are plenty at this number: of more, frames spread evenly tell it. */
const MAX_TELLING_CELLS = 200_000;
/** A fraction whose multiples fall evenly and repeat with no cycle that frames were taken in (golden section). */
const EVEN = (Math.sqrt(5) - 1) / 2;
/** Rounds after which a relief of under half of what is needed gets no further ones. */
const FIRST_ROUNDS = 3;
/** Rounds in which cells of another frame lose their say once the nebula's colour is known. */
const LATE_ROUNDS = 4;
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
  const share = MAX_TELLING_CELLS / meshes.reduce((sum, { x }) => sum + x.length, 0);
  const telling = new Map<number, Cells>();
  meshes.forEach((mesh, f) => {
    if ((f * EVEN) % 1 < share) telling.set(f, new Cells(mesh, unit, order));
  });
  const nebula = nebulaColour([...telling.values()], s);
  if (!nebula) return undefined;
  const { n, left } = nebula;
  const across = s.map((v, c) => v - n[c] * dot(s, n));
  const length = Math.hypot(...across);
  if (!(length >= MIN_COLOUR_SINE * Math.hypot(...s))) return undefined;
  const idleDirection = normal(n, s);
  const skyDirection = across.map((v) => v / length ** 2);
  let shutOut = 0;
  const squares = new Float64Array(LEVEL_POLYNOMIAL_TERMS);
  const terms = meshes.map((mesh, f) => {
    let frame = telling.get(f);
    if (!frame) {
      frame = new Cells(mesh, unit, order);
      for (let round = 0; round < LATE_ROUNDS; round++) {
        frame.leave();
        frame.measure(n, s);
        frame.reweigh(TUKEY * left);
      }
    }
    shutOut += frame.shutOut / meshes.length;
    const fitted = frame.fit();
    along(fitted, idleDirection).forEach((v, k) => (squares[k] += v * v));
    const p = along(fitted, skyDirection);
    p[0] = 0;
    return p;
  });
  if (shutOut > MAX_SHUT_OUT) return undefined;
  const width = (from: number, to: number) =>
    (1 / length) *
    Math.sqrt(squares.subarray(from, to).reduce((sum, v) => sum + v, 0) / (meshes.length * (to - from)));
  return { terms, widths: [width(1, 3), width(3, LEVEL_POLYNOMIAL_TERMS)] };
}

/** Colour of the nebula in the cells, and sigma of their distances from the two colours; undefined where it does not stand out or does not explain them. */
function nebulaColour(
  cells: readonly Cells[],
  s: readonly number[],
): { readonly n: number[]; readonly left: number } | undefined {
  let n = s.map(() => 0);
  let relief = 0;
  let left = Infinity;
  const distances = new Float64Array(cells.reduce((sum, { distance }) => sum + distance.length, 0));
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const covariance = s.map(() => s.map(() => 0));
    const total = cells.reduce((sum, frame) => sum + frame.addCovariance(covariance), 0);
    const axis = mainAxis(covariance.map((row) => row.map((v) => v / total)));
    const turned = Math.hypot(...cross(n, axis.axis));
    n = axis.axis;
    relief = axis.deviation;
    if (round + 1 >= FIRST_ROUNDS && !(relief >= MIN_RELIEF / 2)) return undefined;
    let at = 0;
    for (const frame of cells) {
      frame.measure(n, s);
      distances.set(frame.distance, at);
      at += frame.distance.length;
    }
    // The median distance of normal deviates in two dimensions is 1.1774 sigma.
    left = distances.sort()[distances.length >> 1] / 1.1774;
    for (const frame of cells) frame.reweigh(TUKEY * left);
    if (round > 2 && turned < SETTLED) break;
  }
  return relief >= MIN_RELIEF && left <= MAX_LEFT ? { n, left } : undefined;
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
  /** What polynomials leave of the values. */
  readonly #left: readonly Float64Array[];
  /** From the two colours, in units of the frame's noise. */
  readonly distance: Float64Array;

  constructor({ x, y, values, sigma }: ColourMesh, unit: readonly number[], order: 1 | 2) {
    this.#x = x;
    this.#y = y;
    this.#values = values.map((channel, c) => Float64Array.from(channel, (v) => v / unit[c]));
    this.#terms = termsOf(order);
    this.#weight = new Float64Array(x.length).fill(1);
    this.#noise = sigma.reduce((sum, v, c) => sum + v / unit[c], 0) / sigma.length;
    this.#left = values.map(() => new Float64Array(x.length));
    this.distance = new Float64Array(x.length);
  }

  /** Share of the cells that have no say. */
  get shutOut(): number {
    return this.#weight.reduce((sum, v) => sum + (v < 0.1 ? 1 : 0), 0) / this.#weight.length;
  }

  /** Adds the weighted products of what polynomials leave of the channels; returns the sum of weights. */
  addCovariance(sums: number[][]): number {
    this.leave();
    const scale = 1 / this.#noise ** 2;
    for (let i = 0; i < CHANNELS; i++) {
      for (let j = 0; j <= i; j++) {
        const [a, b] = [this.#left[i], this.#left[j]];
        let sum = 0;
        for (let k = 0; k < a.length; k++) sum += this.#weight[k] * a[k] * b[k];
        sums[i][j] += scale * sum;
        if (j < i) sums[j][i] += scale * sum;
      }
    }
    return scale * this.#weight.reduce((sum, w) => sum + w, 0);
  }

  /** Takes polynomials from the channels. */
  leave(): void {
    const fitted = this.fit();
    for (let c = 0; c < CHANNELS; c++) {
      const [values, left, p] = [this.#values[c], this.#left[c], fitted[c]];
      for (let k = 0; k < left.length; k++)
        left[k] = values[k] - levelAt(p, 0, LEVEL_POLYNOMIAL_TERMS, this.#x[k], this.#y[k]);
    }
  }

  /**
   * Distances of the cells from the colours `n` and `s`: across both, where smooth light of a third colour shows as well as structure, and across n of
   * what polynomials leave.
   */
  measure(n: readonly number[], s: readonly number[]): void {
    const third = normal(n, s);
    const across = along(this.#left, normal(third, n));
    const own = along(this.#values, third);
    let [sum, total] = [0, 0];
    for (let k = 0; k < own.length; k++) {
      sum += this.#weight[k] * own[k];
      total += this.#weight[k];
    }
    const mean = sum / total;
    for (let k = 0; k < own.length; k++)
      this.distance[k] = Math.sqrt(across[k] ** 2 + (own[k] - mean) ** 2) / this.#noise;
  }

  /** Tukey's weights of the distances. */
  reweigh(limit: number): void {
    const scale = 1 / Math.max(limit, Number.MIN_VALUE);
    for (let k = 0; k < this.distance.length; k++) {
      const z = this.distance[k] * scale;
      this.#weight[k] = z < 1 ? (1 - z * z) ** 2 : 0;
    }
  }

  /** Polynomials (six coefficients) under the channels. */
  fit(): Float64Array[] {
    const n = this.#terms;
    const matrix = new Float64Array(n * n);
    const results = this.#values.map(() => new Float64Array(LEVEL_POLYNOMIAL_TERMS));
    const basis = new Float64Array(LEVEL_POLYNOMIAL_TERMS);
    for (let k = 0; k < this.#weight.length; k++) {
      if (this.#weight[k] === 0) continue;
      basis.fill(0);
      addTerms(basis, 0, n, this.#x[k], this.#y[k], 1);
      for (let i = 0; i < n; i++) {
        const w = this.#weight[k] * basis[i];
        for (let c = 0; c < CHANNELS; c++) results[c][i] += w * this.#values[c][k];
        for (let j = 0; j <= i; j++) matrix[i * n + j] += w * basis[j];
      }
    }
    factorBlock(matrix, 0, n);
    for (const result of results) solveBlock(matrix, 0, n, result, 0);
    return results;
  }
}

/** Of vectors, one number a column each, the part along `direction`. */
function along(columns: readonly Float64Array[], direction: readonly number[]): Float64Array {
  const [a, b, c] = columns;
  const [u, v, w] = direction;
  const part = new Float64Array(a.length);
  for (let k = 0; k < part.length; k++) part[k] = u * a[k] + v * b[k] + w * c[k];
  return part;
}

/** Whether a frame's cells can tell a surface. */
function isWide({ x, y, values, sigma }: ColourMesh): boolean {
  const places = (axis: ArrayLike<number>) => {
    const seen = new Set<number>();
    for (let k = 0; k < axis.length && seen.size < MIN_SIDE; k++) seen.add(Math.fround(axis[k]));
    return seen.size;
  };
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

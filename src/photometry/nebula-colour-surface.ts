// The surface of a sky that a nebula fills without a gap: nebula and sky differ in colour, and that tells them apart where brightness cannot.
import { factorBlock, solveBlock } from './small-cholesky.js';

/** Slopes of the surface in X and Y, then, where a quadratic one was asked for, the coefficients of X^2, XY and Y^2. */
export type SurfaceTerms = readonly number[];

export interface ColourSurface {
  /** Per channel, in units of its values and of the positions about (x0, y0), the middle of their extent. */
  readonly terms: readonly SurfaceTerms[];
  readonly x0: number;
  readonly y0: number;
  /** Per node what the colour of the sky adds there, the surface included: amplitude of `skyColour` about its mean, with its standard deviation. */
  readonly amplitude: Float64Array;
  readonly amplitudeSigma: number;
  /** Per node 0 to 1: how far its colours are those of the nebula and the sky. */
  readonly weight: Float64Array;
}

const CHANNELS = 3;
/** Exponents of x and y in the order of `SurfaceTerms`. */
const POWERS = [
  [1, 0],
  [0, 1],
  [2, 0],
  [1, 1],
  [0, 2],
] as const;
const MIN_NODES = 48;
/** Positions that the nodes must reach from their middle along each axis, for a surface to be told from a line. */
const MIN_HALF_EXTENT = 2;
const ROUNDS = 100;
/** A surface whose terms, in scatter over half the field, change less than this has settled. */
const SETTLED = 1e-3;
/** A node further from the colours' plane than this many robust sigma has no say (Tukey 1977; stars in the mesh, a second nebula). */
const TUKEY = 4.685;
/** The nebula must stand out of the scatter by this factor, and sky and nebula must differ in colour by this sine, or neither can be told. */
const MIN_RELIEF = 8;
const MIN_COLOUR_SINE = 0.2;
/** Two colours explain the nodes when what is left scatters by no more than this many times the scatter that is expected ... */
const MAX_LEFT = 2;
/** ... with no more than this share of the nodes shut out. */
const MAX_SHUT_OUT = 0.25;

/**
 * Model: value_c(k) = constant_c + n_c N(k) + s_c P(x_k, y_k), with the nebula's brightness N free at every node, one nebula colour n, the colour s of the
 * sky's changes given, and P a polynomial of degree `order` without a constant. Solved by turns for n (the main axis of the nodes' colours) and for P (a
 * least-squares fit across that axis), both lowering one sum of squares, robustly. Where nodes show more colours than two, or too little nebula, the
 * result is undefined.
 *
 * `values`: three channels of one length, finite; `scatter`: expected deviation of a node per channel; `skyColour`: s up to a factor; `x`, `y`: positions.
 */
export function fitNebulaColourSurface(
  values: readonly ArrayLike<number>[],
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  scatter: readonly number[],
  skyColour: readonly number[],
  order: 1 | 2,
): ColourSurface | undefined {
  if (values.length !== CHANNELS || x.length < MIN_NODES) return undefined;
  const [u, x0, halfX] = normalised(x);
  const [w, y0, halfY] = normalised(y);
  if (Math.min(halfX, halfY) < MIN_HALF_EXTENT) return undefined;
  const powers = order === 1 ? POWERS.slice(0, 2) : POWERS;
  const basis = powers.map(([i, j]) => u.map((a, k) => a ** i * w[k] ** j));
  const t = values.map((channel, c) => Float64Array.from(channel, (v) => v / scatter[c]));
  const s = skyColour.map((v, c) => v / scatter[c]);
  const weight = new Float64Array(x.length).fill(1);
  let surface = basis.map(() => 0);
  let left = Infinity;
  let relief = 0;
  let amplitude: Float64Array = new Float64Array(x.length);
  let amplitudeSigma = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const sky = combined(basis, surface);
    const flat = t.map((channel, c) => channel.map((v, k) => v - s[c] * sky[k]));
    const { mean, axis, deviation } = mainAxis(flat, weight);
    const across = s.map((v, c) => v - axis[c] * dot(s, axis));
    const length = Math.hypot(...across);
    if (!(length >= MIN_COLOUR_SINE * Math.hypot(...s))) return undefined;
    relief = deviation;
    left = reweigh(weight, flat, mean, axis);
    amplitude = combined(
      t,
      across.map((a) => a / length ** 2),
    );
    amplitudeSigma = 1 / length;
    const next = fitTerms(basis, amplitude, weight);
    const moved = Math.max(...next.map((v, i) => Math.abs(v - surface[i]))) * length;
    surface = next;
    if (moved < SETTLED && round > 2) break;
  }
  const shutOut = weight.reduce((n, v) => n + (v < 0.1 ? 1 : 0), 0) / weight.length;
  if (relief < MIN_RELIEF || left > MAX_LEFT || shutOut > MAX_SHUT_OUT) return undefined;
  const scaled = surface.map((v, i) => v / (halfX ** powers[i][0] * halfY ** powers[i][1]));
  const total = weight.reduce((sum, v) => sum + v, 0);
  const mean = amplitude.reduce((sum, v, k) => sum + weight[k] * v, 0) / total;
  return {
    terms: skyColour.map((colour) => scaled.map((v) => colour * v)),
    x0,
    y0,
    amplitude: amplitude.map((v) => v - mean),
    amplitudeSigma,
    weight,
  };
}

/**
 * Direction in which vectors of three channels differ, unit length, positive sum: the main axis of their scatter. Undefined where it does not hold `share`
 * of it: what differs then has more than one colour.
 */
export function commonColour(vectors: readonly (readonly number[])[], share: number): number[] | undefined {
  if (vectors.length < 3) return undefined;
  const columns = Array.from({ length: CHANNELS }, (_, c) => Float64Array.from(vectors, (v) => v[c]));
  const { axis, deviation, total } = mainAxis(columns, new Float64Array(vectors.length).fill(1));
  if (!(deviation ** 2 >= share * total)) return undefined;
  const sign = axis.reduce((sum, v) => sum + v, 0) < 0 ? -1 : 1;
  return axis.map((v) => sign * v);
}

/** Weighted mean, main axis of the covariance (unit length), standard deviation along it, and the trace of the covariance. */
function mainAxis(columns: readonly Float64Array[], weight: Float64Array) {
  const sum = weight.reduce((a, v) => a + v, 0);
  const mean = columns.map((column) => column.reduce((a, v, k) => a + weight[k] * v, 0) / sum);
  const covariance = columns.map((a, i) =>
    columns.map((c, j) => a.reduce((m, v, k) => m + weight[k] * (v - mean[i]) * (c[k] - mean[j]), 0) / sum),
  );
  let axis = covariance.map((row) => Math.hypot(...row));
  // Power iteration: what is looked for stands far above the rest, or is no answer.
  for (let k = 0; k < 200; k++) {
    const next = covariance.map((row) => dot(row, axis));
    const length = Math.hypot(...next);
    if (!(length > 0)) break;
    axis = next.map((v) => v / length);
  }
  const variance = dot(
    covariance.map((row) => dot(row, axis)),
    axis,
  );
  const total = covariance.reduce((a, row, i) => a + row[i], 0);
  return { mean, axis, deviation: Math.sqrt(Math.max(0, variance)), total };
}

/** Sets Tukey's weights from the distances to the axis; returns their robust scale per dimension (two lie across the axis). */
function reweigh(
  weight: Float64Array,
  flat: readonly Float64Array[],
  mean: readonly number[],
  axis: readonly number[],
): number {
  const distance = weight.map((_, k) => {
    const r = flat.map((channel, c) => channel[k] - mean[c]);
    const along = dot(r, axis);
    return Math.hypot(...r.map((v, c) => v - along * axis[c]));
  });
  // The median distance of normal deviates in two dimensions is 1.1774 sigma.
  const scale = distance.slice().sort()[distance.length >> 1] / 1.1774;
  distance.forEach((r, k) => {
    const z = r / (TUKEY * Math.max(scale, Number.MIN_VALUE));
    weight[k] = z < 1 ? (1 - z * z) ** 2 : 0;
  });
  return scale;
}

/** Coefficients of the basis in a weighted least-squares fit with a free constant. */
function fitTerms(basis: readonly Float64Array[], values: Float64Array, weight: Float64Array): number[] {
  const total = weight.reduce((m, v) => m + v, 0);
  const centred = [...basis, values].map((column) => {
    const mean = column.reduce((m, v, k) => m + weight[k] * v, 0) / total;
    return column.map((v) => v - mean);
  });
  const product = (a: Float64Array, b: Float64Array) => a.reduce((m, v, k) => m + weight[k] * v * b[k], 0);
  const n = basis.length;
  const matrix = new Float64Array(n * n);
  const right = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) matrix[i * n + j] = product(centred[i], centred[j]);
    right[i] = product(centred[i], centred[n]);
  }
  factorBlock(matrix, 0, n);
  solveBlock(matrix, 0, n, right, 0);
  return [...right];
}

/** Sum of the columns, each times its factor. */
function combined(columns: readonly Float64Array[], factors: readonly number[]): Float64Array {
  return columns[0].map((_, k) => factors.reduce((sum, factor, i) => sum + factor * columns[i][k], 0));
}

/** Positions about the middle of their extent, in units of half of it; the middle; that half. */
function normalised(axis: ArrayLike<number>): [Float64Array, number, number] {
  let [least, most] = [Infinity, -Infinity];
  for (let k = 0; k < axis.length; k++) [least, most] = [Math.min(least, axis[k]), Math.max(most, axis[k])];
  const half = most > least ? (most - least) / 2 : 1;
  const middle = (least + most) / 2;
  return [Float64Array.from(axis, (v) => (v - middle) / half), middle, half];
}

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, v, k) => sum + v * b[k], 0);

// The plane under a sky that holds nebulae: what all frames of a mosaic may have in common and no overlap can tell.

/** level + gradientX (x - x0) + gradientY (y - y0), (x0, y0) the mean of the positions. */
export interface SkyPlane {
  readonly level: number;
  readonly gradientX: number;
  readonly gradientY: number;
  readonly x0: number;
  readonly y0: number;
  /** False where no plane stands out: too few nodes, or a nebula everywhere. Gradients are then 0 and the level is a low quantile. */
  readonly found: boolean;
  /** Share of the nodes that lie on the plane. */
  readonly support: number;
}

/** Nebulae only add light, so the search begins at the lower nodes. */
const START_QUANTILE = 0.25;
/** A plane needs this many nodes, and this many positions along each axis. */
const MIN_NODES = 24;
const MIN_EXTENT = 3;
/** Nodes beyond this only cost time: they are thinned evenly. */
const MAX_NODES = 20_000;
/** Share of the nodes that must lie on the plane, and their spread along each axis in units of all nodes': less is a bay in a nebula, not the sky. */
const MIN_SUPPORT = 0.15;
const MIN_SPREAD = 0.6;
/** Nodes within this many `scatter` lie on the plane. */
export const ON_PLANE = 2.5;
/** The width of the weights shrinks by this factor from step to step, so that the plane settles on the sky before nebulae let go of it. */
const SHRINK = 0.75;

/**
 * Fits a plane to the sky among node values that a nebula lifts by any amount, in any place: iteratively reweighted least squares with weights that fall
 * fast above the plane and slowly below it, their width shrinking to `scatter`, the deviation of a node of plain sky. The plane found is one on
 * which many nodes lie, spread over the field, with few below it; where there is none, none is told. Values that are NaN are left out; without any, the level
 * is 0. Units are those of the values and of the positions.
 */
export function fitSkyPlane(
  values: ArrayLike<number>,
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  scatter: number,
): SkyPlane {
  const known = Array.from({ length: values.length }, (_, i) => i).filter((i) => !Number.isNaN(values[i]));
  const stride = Math.max(1, Math.ceil(known.length / MAX_NODES));
  const nodes = known.filter((_, k) => k % stride === 0);
  const v = Float64Array.from(nodes, (i) => values[i]);
  const [u, x0, halfX] = centred(nodes, x);
  const [w, y0, halfY] = centred(nodes, y);
  const sorted = v.slice().sort();
  const quantile = (q: number) => sorted[Math.floor(q * (sorted.length - 1))] ?? 0;
  const flat = {
    level: quantile(START_QUANTILE),
    gradientX: 0,
    gradientY: 0,
    x0,
    y0,
    found: false,
    support: 0,
  };
  if (nodes.length < MIN_NODES || 2 * halfX + 1 < MIN_EXTENT || 2 * halfY + 1 < MIN_EXTENT) return flat;

  let plane: Plane = [flat.level, 0, 0];
  for (let width = Math.max(quantile(0.5) - quantile(0), scatter); ; width *= SHRINK) {
    const last = width <= scatter;
    for (let k = 0; k < (last ? 10 : 3); k++) plane = reweighted(plane, v, u, w, Math.max(width, scatter));
    if (last) break;
  }
  const [a, b, c] = plane;
  const on = Array.from(v.keys()).filter(
    (i) => Math.abs(v[i] - a - b * u[i] - c * w[i]) < ON_PLANE * scatter,
  );
  const below = v.reduce(
    (n, value, i) => n + (value - a - b * u[i] - c * w[i] < -ON_PLANE * scatter ? 1 : 0),
    0,
  );
  const spread = (axis: Float64Array) => deviation(on.map((i) => axis[i])) / deviation([...axis]);
  const found =
    on.length >= MIN_SUPPORT * v.length &&
    on.length > 3 * below &&
    Math.min(spread(u), spread(w)) >= MIN_SPREAD;
  return found
    ? { level: a, gradientX: b / halfX, gradientY: c / halfY, x0, y0, found, support: on.length / v.length }
    : flat;
}

/** Level and the two slopes over normalised positions. */
type Plane = readonly [number, number, number];

/** Positions of the nodes about their mean, in units of half their extent; the mean; half the extent. */
function centred(nodes: readonly number[], axis: ArrayLike<number>): [Float64Array, number, number] {
  const mean = nodes.reduce((sum, i) => sum + axis[i], 0) / Math.max(1, nodes.length);
  let [least, most] = [Infinity, -Infinity];
  for (const i of nodes) [least, most] = [Math.min(least, axis[i]), Math.max(most, axis[i])];
  const half = most > least ? (most - least) / 2 : 0;
  return [Float64Array.from(nodes, (i) => (half > 0 ? (axis[i] - mean) / half : 0)), mean, half];
}

function reweighted(
  [a, b, c]: Plane,
  v: Float64Array,
  u: Float64Array,
  w: Float64Array,
  width: number,
): Plane {
  const sums = new Float64Array(9);
  for (let i = 0; i < v.length; i++) {
    const z = (v[i] - a - b * u[i] - c * w[i]) / width;
    const weight = z > 0 ? 1 / (1 + z * z) ** 2 : 1 / (1 + z * z) ** 0.5;
    sums[0] += weight;
    sums[1] += weight * u[i];
    sums[2] += weight * w[i];
    sums[3] += weight * u[i] * u[i];
    sums[4] += weight * u[i] * w[i];
    sums[5] += weight * w[i] * w[i];
    sums[6] += weight * v[i];
    sums[7] += weight * v[i] * u[i];
    sums[8] += weight * v[i] * w[i];
  }
  return solvePlane(sums);
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, t) => sum + t, 0) / Math.max(1, values.length);
  return Math.sqrt(values.reduce((sum, t) => sum + (t - mean) ** 2, 0) / Math.max(1, values.length));
}

/** Normal equations of 1, u, w by Cramer's rule; positions of two axes that do not depend on each other. */
function solvePlane([s, su, sw, suu, suw, sww, v, vu, vw]: Float64Array): Plane {
  const m00 = suu * sww - suw * suw;
  const m01 = suw * sw - su * sww;
  const m02 = su * suw - suu * sw;
  const m11 = s * sww - sw * sw;
  const m12 = su * sw - s * suw;
  const m22 = s * suu - su * su;
  const determinant = s * m00 + su * m01 + sw * m02;
  return [
    (m00 * v + m01 * vu + m02 * vw) / determinant,
    (m01 * v + m11 * vu + m12 * vw) / determinant,
    (m02 * v + m12 * vu + m22 * vw) / determinant,
  ];
}

// The plane under a sky that holds nebulae: what all frames of a mosaic may have in common and no overlap can tell.
import { sharedPasses } from '../simd/sample-passes.js';

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
  const nodes = knownNodes(values);
  const count = nodes.length;
  const memory = sharedPasses();
  const doubles = (length: number) => memory.take(8 * length);
  const at = {
    v: doubles(count),
    u: doubles(count),
    w: doubles(count),
    spare: doubles(2 * count),
    sums: doubles(9),
  };
  const of = (address: number, length = count) => new Float64Array(memory.buffer, address, length);
  const [v, u, w, sums] = [of(at.v), of(at.u), of(at.w), of(at.sums, 9)];
  for (let k = 0; k < count; k++) v[k] = values[nodes[k]];
  const [x0, halfX] = centred(nodes, x, u);
  const [y0, halfY] = centred(nodes, y, w);
  const quantile = (q: number) =>
    count > 0 ? memory.passes.rankOf(at.v, count, Math.floor(q * (count - 1)), at.spare) : 0;
  const flat = {
    level: quantile(START_QUANTILE),
    gradientX: 0,
    gradientY: 0,
    x0,
    y0,
    found: false,
    support: 0,
  };
  if (count < MIN_NODES || 2 * halfX + 1 < MIN_EXTENT || 2 * halfY + 1 < MIN_EXTENT) return flat;

  let plane: Plane = [flat.level, 0, 0];
  for (let width = Math.max(quantile(0.5) - quantile(0), scatter); ; width *= SHRINK) {
    const last = width <= scatter;
    for (let k = 0; k < (last ? 10 : 3); k++) {
      sums.fill(0);
      memory.passes.skyPlaneSums(at.v, at.u, at.w, count, ...plane, Math.max(width, scatter), at.sums);
      plane = solvePlane(sums);
    }
    if (last) break;
  }
  const [a, b, c] = plane;
  // the nodes on the plane come to the front of what is no longer needed
  const [onU, onW] = [of(at.spare), of(at.spare + 8 * count)];
  let [on, below] = [0, 0];
  for (let i = 0; i < count; i++) {
    const above = v[i] - a - b * u[i] - c * w[i];
    if (above < -ON_PLANE * scatter) below++;
    if (!(Math.abs(above) < ON_PLANE * scatter)) continue;
    onU[on] = u[i];
    onW[on++] = w[i];
  }
  const spread = (ofOn: Float64Array, ofAll: Float64Array) =>
    deviation(ofOn.subarray(0, on)) / deviation(ofAll);
  const found =
    on >= MIN_SUPPORT * count && on > 3 * below && Math.min(spread(onU, u), spread(onW, w)) >= MIN_SPREAD;
  return found
    ? { level: a, gradientX: b / halfX, gradientY: c / halfY, x0, y0, found, support: on / count }
    : flat;
}

/** Numbers of the values that are not NaN, thinned evenly. */
function knownNodes(values: ArrayLike<number>): Int32Array {
  const known = new Int32Array(values.length);
  let count = 0;
  for (let i = 0; i < values.length; i++) if (!Number.isNaN(values[i])) known[count++] = i;
  const stride = Math.max(1, Math.ceil(count / MAX_NODES));
  let kept = 0;
  for (let k = 0; k < count; k += stride) known[kept++] = known[k];
  return known.subarray(0, kept);
}

/** Level and the two slopes over normalised positions. */
type Plane = readonly [number, number, number];

/** Writes positions of the nodes about their mean, in units of half their extent; returns the mean and half the extent. */
function centred(nodes: Int32Array, axis: ArrayLike<number>, out: Float64Array): [number, number] {
  let [sum, least, most] = [0, Infinity, -Infinity];
  for (const i of nodes) {
    const place = axis[i];
    sum += place;
    if (place < least) least = place;
    if (place > most) most = place;
  }
  const mean = sum / Math.max(1, nodes.length);
  const half = most > least ? (most - least) / 2 : 0;
  if (half === 0) out.fill(0);
  else for (let k = 0; k < nodes.length; k++) out[k] = (axis[nodes[k]] - mean) / half;
  return [mean, half];
}

function deviation(values: Float64Array): number {
  const count = Math.max(1, values.length);
  let sum = 0;
  for (const t of values) sum += t;
  const mean = sum / count;
  let squares = 0;
  for (const t of values) squares += (t - mean) * (t - mean);
  return Math.sqrt(squares / count);
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

// Maps from the pixels of one frame to those of another, or to a tangent plane: as few free numbers as the stars bear, with their own error.

/** (x, y) -> (a x + b y + c, d x + e y + f). */
export type PlaneMap = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

/** A point and where it is to go. */
export type PointPair = readonly [x: number, y: number, u: number, v: number];

export type Parity = 1 | -1;

/** With fewer pairs only rotation, scale and shift are free. */
const AFFINE_PAIRS = 15;

export interface FittedMap {
  readonly map: PlaneMap;
  /** Root mean square distance of the pairs. */
  readonly rms: number;
  /** Standard error of the map at a point, from the scatter of the pairs (`floor` at least, one coordinate), their number and their spread. */
  errorAt(x: number, y: number): number;
}

export function applied(map: PlaneMap, x: number, y: number): [number, number] {
  return [map[0] * x + map[1] * y + map[2], map[3] * x + map[4] * y + map[5]];
}

/** The map that does `inner` first. */
export function composed(outer: PlaneMap, inner: PlaneMap): PlaneMap {
  const [a, b, c, d, e, f] = outer;
  const [p, q, r, s, t, u] = inner;
  return [a * p + b * s, a * q + b * t, a * r + b * u + c, d * p + e * s, d * q + e * t, d * r + e * u + f];
}

/**
 * The least-squares map of one parity: a similarity, or from 15 pairs on an affine map where that explains more than its two more numbers would by
 * chance (Bayesian information criterion). `floor` is the least scatter of a coordinate that is believed. Undefined when the pairs do not determine it.
 */
export function fitMap(pairs: readonly PointPair[], parity: Parity, floor: number): FittedMap | undefined {
  const simple = similarity(pairs, parity, floor);
  if (!simple || pairs.length < AFFINE_PAIRS) return simple;
  const free = affine(pairs, floor);
  if (!free) return simple;
  const values = 2 * pairs.length;
  // below the floor residuals tell nothing
  const score = ({ rms }: FittedMap, numbers: number) =>
    values * Math.log(rms ** 2 / 2 + floor ** 2) + numbers * Math.log(values);
  return score(free, 6) < score(simple, 4) ? free : simple;
}

/** Rotation, scale and shift, after a reflection of y where `parity` is -1. */
export function similarity(
  pairs: readonly PointPair[],
  parity: Parity,
  floor: number,
): FittedMap | undefined {
  if (pairs.length < 2) return undefined;
  const mean = means(pairs);
  let [p, q, size] = [0, 0, 0];
  for (const [x, y, u, v] of pairs) {
    const [dx, dy] = [x - mean[0], parity * (y - mean[1])];
    const [du, dv] = [u - mean[2], v - mean[3]];
    p += dx * du + dy * dv;
    q += dx * dv - dy * du;
    size += dx * dx + dy * dy;
  }
  if (!(size > 0)) return undefined;
  const [c, s] = [p / size, q / size];
  const map = through(mean, [c, -s * parity, s, c * parity]);
  const rms = rmsOf(map, pairs);
  const sigma = scatter(rms, pairs.length, 4, floor);
  return {
    map,
    rms,
    errorAt: (x, y) => sigma * Math.sqrt(1 / pairs.length + ((x - mean[0]) ** 2 + (y - mean[1]) ** 2) / size),
  };
}

function affine(pairs: readonly PointPair[], floor: number): FittedMap | undefined {
  const mean = means(pairs);
  let [xx, xy, yy, xu, yu, xv, yv] = [0, 0, 0, 0, 0, 0, 0];
  for (const [x, y, u, v] of pairs) {
    const [dx, dy, du, dv] = [x - mean[0], y - mean[1], u - mean[2], v - mean[3]];
    xx += dx * dx;
    xy += dx * dy;
    yy += dy * dy;
    xu += dx * du;
    yu += dy * du;
    xv += dx * dv;
    yv += dy * dv;
  }
  const det = xx * yy - xy * xy;
  // stars on a line leave the direction across it open
  if (!(det > 1e-4 * (xx + yy) ** 2)) return undefined;
  const map = through(mean, [
    (yy * xu - xy * yu) / det,
    (xx * yu - xy * xu) / det,
    (yy * xv - xy * yv) / det,
    (xx * yv - xy * xv) / det,
  ]);
  const rms = rmsOf(map, pairs);
  const sigma = scatter(rms, pairs.length, 6, floor);
  return {
    map,
    rms,
    errorAt(x, y) {
      const [dx, dy] = [x - mean[0], y - mean[1]];
      const reach = (yy * dx * dx - 2 * xy * dx * dy + xx * dy * dy) / det;
      return sigma * Math.sqrt(1 / pairs.length + reach);
    },
  };
}

function means(pairs: readonly PointPair[]): [number, number, number, number] {
  const sums: [number, number, number, number] = [0, 0, 0, 0];
  for (const pair of pairs) for (let k = 0; k < 4; k++) sums[k] += pair[k] / pairs.length;
  return sums;
}

function through(
  [x, y, u, v]: readonly [number, number, number, number],
  [a, b, d, e]: readonly [number, number, number, number],
): PlaneMap {
  return [a, b, u - a * x - b * y, d, e, v - d * x - e * y];
}

function rmsOf(map: PlaneMap, pairs: readonly PointPair[]): number {
  let squares = 0;
  for (const [x, y, u, v] of pairs) {
    const [a, b] = applied(map, x, y);
    squares += (a - u) ** 2 + (b - v) ** 2;
  }
  return Math.sqrt(squares / pairs.length);
}

/** Of one coordinate, the free numbers of the map allowed for. */
function scatter(rms: number, pairs: number, numbers: number, floor: number): number {
  return Math.max(floor, rms * Math.sqrt(pairs / Math.max(1, 2 * pairs - numbers)));
}

// The plane under a sky that holds nebulae: what all frames of a mosaic may have in common and no overlap can tell.
import { sharedPasses } from '../../simd/sample-passes.js';

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
  const memory = sharedPasses();
  const { passes } = memory;
  const doubles = (length: number) => memory.take(8 * length);
  const given = [values, x, y].map((of) => ({ of, at: doubles(values.length) }));
  const room = Math.min(values.length, MAX_NODES);
  const [v, u, w, spare] = [doubles(room), doubles(room), doubles(room), doubles(2 * room)];
  const [sums, plane, out] = [doubles(9), doubles(3), doubles(4)];
  const { buffer } = memory;
  for (const { of, at } of given) new Float64Array(buffer, at, values.length).set(of);
  const [atValues, atX, atY] = given.map(({ at }) => at);
  const count = passes.skyPlaneNodes(atValues, atX, atY, values.length, MAX_NODES, v, u, w, out);
  const [x0, halfX, y0, halfY] = new Float64Array(buffer, out, 4);
  const quantile = (q: number) =>
    count > 0 ? passes.rankOf(v, count, Math.floor(q * (count - 1)), spare) : 0;
  const flat = {
    ...{ level: quantile(START_QUANTILE), gradientX: 0, gradientY: 0 },
    ...{ x0, y0, found: false, support: 0 },
  };
  if (count < MIN_NODES || 2 * halfX + 1 < MIN_EXTENT || 2 * halfY + 1 < MIN_EXTENT) return flat;
  const begin = Math.max(quantile(0.5) - quantile(0), scatter);
  const fitted = new Float64Array(buffer, plane, 3);
  fitted.set([flat.level, 0, 0]);
  passes.skyPlaneFit(v, u, w, count, begin, scatter, SHRINK, sums, plane);
  passes.skyPlaneSupport(v, u, w, count, plane, ON_PLANE * scatter, spare, out);
  const [on, below, spreadX, spreadY] = new Float64Array(buffer, out, 4);
  const found = on >= MIN_SUPPORT * count && on > 3 * below && Math.min(spreadX, spreadY) >= MIN_SPREAD;
  return found
    ? {
        ...{ level: fitted[0], gradientX: fitted[1] / halfX, gradientY: fitted[2] / halfY },
        ...{ x0, y0, found, support: on / count },
      }
    : flat;
}

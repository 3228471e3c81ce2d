// Which projection a mosaic lies in, how far it reaches, and about which point it is drawn.
import { makePlaneGridWcs } from '../../../astrometry/wcs/plane-grid-wcs.js';
import type { CelestialWcs } from '../../../astrometry/wcs/celestial-wcs.js';
import { centroid, skyBounds } from '../../../astrometry/wcs/footprint.js';
import { angularSeparationDeg, type SkyPosition } from '../../../astrometry/wcs/sphere.js';
import type { RunConfig } from '../../../config/table.js';
import { CodedError } from '../../../errors.js';

/** Projections of a mosaic, by their codes in FITS: about its middle (TAN, STG, ARC, ZEA, SIN), or about the celestial equator. */
export type GridProjection = Exclude<RunConfig['global_wcs_projection'], 'auto'>;

/** How far from its middle a mosaic may reach in each zenithal projection: beyond, pixels grow or shrink without bound, or nothing is shown. */
const REACH_DEG: Readonly<Partial<Record<GridProjection, number>>> = {
  tan: 80,
  sin: 80,
  stg: 150,
  arc: 150,
  zea: 150,
};
/** Up to here a tangent plane stretches pixels by less than 5 % along the radius: for what a plane is enough for, it is what all programs read. */
const AUTO_TAN_DEG = 12.5;
/** Beyond, an equal-area map about the middle bends what lies at its rim. */
const AUTO_ZEA_DEG = 85;

/** The mosaic would reach beyond its projection, or be torn by it. */
export class CanvasError extends CodedError {}

/** Where the plane is attached to the sky; further turns may move it. */
export interface GridPlane {
  readonly projection: GridProjection;
  /** Reference point. */
  readonly crval: SkyPosition;
  /** Whether the reference point is to be the middle of the mosaic. */
  readonly isCentred: boolean;
  /** Plane coordinates in degrees as "pixels", x to the east, y to the north at the reference point. */
  readonly plane: CelestialWcs;
}

/**
 * The plane for `outlines`, closed polygons on the sky, by the projection asked for or by how far they reach.
 * @throws CanvasError when they reach too far for the projection.
 */
export function chooseGridPlane(
  outlines: readonly (readonly SkyPosition[])[],
  wanted: 'auto' | GridProjection,
): GridPlane {
  const points = outlines.flat();
  const middle = centroid(points);
  const reach = middle ? reachFrom(middle, points) : 180;
  const projection =
    wanted !== 'auto' ? wanted : reach <= AUTO_TAN_DEG ? 'tan' : reach <= AUTO_ZEA_DEG ? 'zea' : 'ait';
  const limit = REACH_DEG[projection];
  if (limit === undefined) {
    refuseTorn(outlines, projection);
    return planeAbout(projection, [middleLongitude(points), 0]);
  }
  if (middle === null || reach > limit) throw tooWide(projection, limit);
  return planeAbout(projection, middle);
}

/** The same projection about another point. @throws CanvasError when `points` reach too far from there. */
export function planeAbout(
  projection: GridProjection,
  crval: SkyPosition,
  points: readonly SkyPosition[] = [],
): GridPlane {
  const limit = REACH_DEG[projection];
  if (limit !== undefined && reachFrom(crval, points) > limit) throw tooWide(projection, limit);
  const plane = makePlaneGridWcs({
    projection: projection.toUpperCase(),
    crval,
    crpix: [0, 0],
    cd: [1, 0, 0, 1],
  });
  return { projection, crval, isCentred: limit !== undefined, plane };
}

const tooWide = (projection: string, limit: number) =>
  new CanvasError('pipeline_canvas_too_wide', { projection: projection.toUpperCase(), limit });

function reachFrom([ra, dec]: SkyPosition, points: readonly SkyPosition[]): number {
  return points.reduce((most, point) => Math.max(most, angularSeparationDeg(ra, dec, ...point)), 0);
}

/** Maps about the equator are torn at a pole and along the meridian opposite to their middle: no frame may lie there. @throws CanvasError */
function refuseTorn(outlines: readonly (readonly SkyPosition[])[], projection: string): void {
  const middle = middleLongitude(outlines.flat());
  if (outlines.some((outline) => isTorn(middle, outline)))
    throw new CanvasError('pipeline_canvas_torn', { projection: projection.toUpperCase() });
}

function isTorn(middle: number, outline: readonly SkyPosition[]): boolean {
  const bounds = skyBounds(outline);
  if (bounds === null) return false;
  const tear = (middle + 180) % 360;
  const eastward = (tear - bounds.raMin + 360) % 360;
  return bounds.pole !== null || eastward < bounds.raWidthDeg;
}

/** Whether a map that stands shows the inside of `outline` in one piece, and not too far from its middle. */
export function showsWhole(map: CelestialWcs, outline: readonly SkyPosition[]): boolean {
  const limit = REACH_DEG[map.describe().projection.toLowerCase() as GridProjection];
  return limit === undefined ? !isTorn(map.crval[0], outline) : reachFrom(map.crval, outline) <= limit;
}

/** Middle of the shortest range of longitudes that holds all points: opposite to the middle of the largest gap. */
function middleLongitude(points: readonly SkyPosition[]): number {
  const sorted = points.map(([ra]) => ra).sort((a, b) => a - b);
  let [widest, start] = [-1, 0];
  sorted.forEach((ra, i) => {
    const next = i + 1 < sorted.length ? sorted[i + 1] : sorted[0] + 360;
    if (next - ra > widest) [widest, start] = [next - ra, ra];
  });
  return (start + widest / 2 + 180) % 360;
}

// A frame's WCS from directions that are known for some of its pixels, with the error that its corners then have.
import { DEG_TO_RAD } from '../wcs/angles.js';
import type { CelestialWcs, WcsDescription } from '../wcs/celestial-wcs.js';
import { meanDirection, skyPosition, type UnitVector } from '../wcs/sphere.js';
import { makeTanWcs } from '../wcs/tan-wcs.js';
import { dot, fromPlane, planeBasis } from '../solver/plane/plane-basis.js';
import { fitMap, type FittedMap, type PointPair } from './plane-map.js';
import { SCATTER_FLOOR_PX } from './judge-match.js';

/** A pixel (FITS coordinates) and where it looks. */
export interface KnownDirection {
  readonly x: number;
  readonly y: number;
  readonly sky: UnitVector;
}

/** What a camera does to the sky before it is turned to its place: scale and shear, reference pixel, distortion. */
export type Optics = Pick<WcsDescription, 'cd' | 'crpix' | 'sip'>;

export interface PlacedThrough {
  readonly wcs: CelestialWcs;
  readonly rmsPx: number;
  /** Standard error of the worst corner, pixels. */
  readonly cornerErrorPx: number;
}

/** Steps towards the tangent point: each is off by the square of the one before. */
const STEPS = 3;

/** Square pixels of `scaleArcsec` without distortion; `parity` is the sign of the determinant of CD. */
export function plainOptics(width: number, height: number, scaleArcsec: number, parity: 1 | -1): Optics {
  const scale = scaleArcsec / 3600;
  return {
    cd: [parity * scale, 0, 0, scale],
    crpix: [(width + 1) / 2, (height + 1) / 2],
    sip: undefined,
  };
}

/** Those of a frame of the same camera; undefined for a WCS that a TAN-SIP header does not tell. */
export function opticsOf(wcs: CelestialWcs): Optics | undefined {
  const { projection, distortions, lonpoleDeg, pixelAxes, latitudeFirst, cd, crpix, sip } = wcs.describe();
  const plain = projection === 'TAN' && distortions.every((kind) => kind === 'sip');
  if (!plain || lonpoleDeg !== 180 || latitudeFirst || pixelAxes[0] !== 1) return undefined;
  return { cd, crpix, sip };
}

/** The optics turned, shifted and stretched (`fitMap`) to where the directions want them. Undefined when these do not determine it. */
export function placeThrough(
  known: readonly KnownDirection[],
  optics: Optics,
  width: number,
  height: number,
): PlacedThrough | undefined {
  const { cd, crpix, sip } = optics;
  const shape = [width, height] as const;
  // the optics looking at the reference direction (1, 0, 0), where east is y and north is z
  const resting = makeTanWcs({ crval: [0, 0], crpix, cd, sip, shape });
  const unit = Math.sqrt(Math.abs(cd[0] * cd[3] - cd[1] * cd[2])) * DEG_TO_RAD;
  const v = new Float64Array(3);
  /** On the resting plane, in pixels. */
  const onPlane = (x: number, y: number): [number, number] | undefined =>
    resting.pixelToUnit(x, y, v) ? [v[1] / v[0] / unit, v[2] / v[0] / unit] : undefined;
  let centre = meanDirection(known.map(({ sky }) => sky));
  let fit: FittedMap | undefined;
  for (let step = 0; step < STEPS && centre; step++) {
    const basis = planeBasis(centre);
    const pairs = known.flatMap(({ x, y, sky }): PointPair[] => {
      const from = onPlane(x, y);
      const depth = dot(basis.centre, ...sky);
      if (!from || !(depth > 0.05)) return [];
      return [[...from, dot(basis.east, ...sky) / depth / unit, dot(basis.north, ...sky) / depth / unit]];
    });
    fit = fitMap(pairs, 1, SCATTER_FLOOR_PX);
    if (!fit) return undefined;
    const [, , a, , , b] = fit.map;
    centre = fromPlane(basis, a * unit, b * unit);
  }
  if (!fit || !centre) return undefined;
  const [a, b, , c, d] = fit.map;
  const corners = [
    [0.5, 0.5],
    [width + 0.5, 0.5],
    [width + 0.5, height + 0.5],
    [0.5, height + 0.5],
  ].map(([x, y]) => onPlane(x, y));
  return {
    wcs: makeTanWcs({
      crval: skyPosition(centre),
      crpix,
      cd: [a * cd[0] + b * cd[2], a * cd[1] + b * cd[3], c * cd[0] + d * cd[2], c * cd[1] + d * cd[3]],
      sip,
      shape,
    }),
    rmsPx: fit.rms,
    cornerErrorPx: Math.max(...corners.map((at) => (at ? fit.errorAt(...at) : Infinity))),
  };
}

/** Distance of a direction from where the WCS sees the pixel, in its pixels. */
export function missPx(wcs: CelestialWcs, { x, y, sky }: KnownDirection): number {
  const v = new Float64Array(3);
  if (!wcs.pixelToUnit(x, y, v)) return Infinity;
  const scale = (wcs.pixelScaleArcsec(x, y) / 3600) * DEG_TO_RAD;
  return Math.hypot(v[0] - sky[0], v[1] - sky[1], v[2] - sky[2]) / scale;
}

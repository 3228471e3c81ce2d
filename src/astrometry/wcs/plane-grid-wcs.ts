// A WCS without distortion from numbers, in any projection that takes no parameters: the grid of a mosaic.
import { nativeToCelestialMatrix, resolveNativePole } from './celestial-rotation.js';
import type { CelestialWcs } from './celestial-wcs.js';
import { makeProjection } from './projections/registry.js';
import { WcsTransform } from './wcs-transform.js';

export interface PlaneGridParameters {
  /** Three-letter code of Paper II. */
  readonly projection: string;
  /** RA, Dec of the reference point, degrees. */
  readonly crval: readonly [number, number];
  /** Reference pixel, FITS 1-based. */
  readonly crpix: readonly [number, number];
  /** Degrees a pixel, row-major CD1_1, CD1_2, CD2_1, CD2_2. */
  readonly cd: readonly [number, number, number, number];
  readonly shape?: readonly [number, number];
}

/**
 * ICRS, north up at the reference point: LONPOLE is 180 where that is the native pole (zenithal projections), and the default of Paper II
 * elsewhere, which for a reference point on the equator makes the native sphere the celestial one.
 * @throws WcsError wcs_projection_unknown, wcs_parameter_invalid (a projection that takes parameters), wcs_matrix_singular.
 */
export function makePlaneGridWcs({
  projection: code,
  crval,
  crpix,
  cd,
  shape,
}: PlaneGridParameters): CelestialWcs {
  const projection = makeProjection(code, () => undefined);
  const { theta0Deg } = projection;
  const pole = resolveNativePole({
    crval,
    phi0Deg: 0,
    theta0Deg,
    lonpoleDeg: theta0Deg === 90 ? 180 : undefined,
    latpoleDeg: undefined,
  });
  return new WcsTransform({
    projection,
    rotation: nativeToCelestialMatrix(pole),
    description: {
      projection: code,
      ctype: [`RA---${code}`, `DEC--${code}`],
      frame: 'equatorial',
      pixelAxes: [1, 2],
      latitudeFirst: false,
      crval,
      crpix,
      cd,
      lonpoleDeg: pole.lonpoleDeg,
      latpoleDeg: pole.latDeg,
      parameters: [],
      radesys: 'ICRS',
      equinox: undefined,
      distortions: [],
      sip: undefined,
      shape,
    },
  });
}

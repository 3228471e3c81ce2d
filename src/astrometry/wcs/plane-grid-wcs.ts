// A WCS from numbers, in any projection that takes no parameters: the grid of a mosaic, a solved frame.
import { nativeToCelestialMatrix, resolveNativePole } from './celestial-rotation.js';
import type { CelestialWcs, SipCoefficients } from './celestial-wcs.js';
import { SipDistortion } from './distortion/sip.js';
import { makeProjection } from './projections/registry.js';
import { WcsError } from './wcs-error.js';
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
  /** NAXIS1, NAXIS2. */
  readonly shape?: readonly [number, number] | undefined;
  readonly sip?: SipCoefficients | undefined;
}

/**
 * ICRS, north up at the reference point: LONPOLE is 180 where that is the native pole (zenithal projections), and the default of Paper II
 * elsewhere, which for a reference point on the equator makes the native sphere the celestial one.
 * @throws WcsError wcs_projection_unknown, wcs_parameter_invalid (a projection that takes parameters), wcs_matrix_singular, wcs_value_not_number,
 * wcs_value_out_of_range (|Dec| > 90).
 */
export function makePlaneGridWcs({
  projection: code,
  crval,
  crpix,
  cd,
  shape,
  sip,
}: PlaneGridParameters): CelestialWcs {
  const named = { CRVAL1: crval[0], CRVAL2: crval[1], CRPIX1: crpix[0], CRPIX2: crpix[1] };
  for (const [key, value] of Object.entries(named)) {
    if (!Number.isFinite(value)) throw new WcsError('wcs_value_not_number', { key, value });
  }
  if (Math.abs(crval[1]) > 90) {
    throw new WcsError('wcs_value_out_of_range', { key: 'CRVAL2', value: crval[1], min: -90, max: 90 });
  }
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
    pixelDistortion: sip && new SipDistortion(sip, crpix[0], crpix[1]),
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
      distortions: sip ? ['sip'] : [],
      sip,
      shape,
    },
  });
}

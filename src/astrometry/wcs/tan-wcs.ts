// A gnomonic WCS from numbers: the output grid, and what the solver finds.
import { nativeToCelestialMatrix, resolveNativePole } from './celestial-rotation.js';
import type { CelestialWcs, SipCoefficients } from './celestial-wcs.js';
import { SipDistortion } from './distortion/sip.js';
import { tan } from './projections/perspective.js';
import { WcsError } from './wcs-error.js';
import { WcsTransform } from './wcs-transform.js';

/** A tangent-plane WCS with north at LONPOLE 180, ICRS. */
export interface TanParameters {
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

/** @throws WcsError wcs_matrix_singular, wcs_value_not_number, wcs_value_out_of_range (|Dec| > 90). */
export function makeTanWcs(parameters: TanParameters): CelestialWcs {
  const { crval, crpix, cd, shape, sip } = parameters;
  const named = { CRVAL1: crval[0], CRVAL2: crval[1], CRPIX1: crpix[0], CRPIX2: crpix[1] };
  for (const [key, value] of Object.entries(named)) {
    if (!Number.isFinite(value)) throw new WcsError('wcs_value_not_number', { key, value });
  }
  if (Math.abs(crval[1]) > 90) {
    throw new WcsError('wcs_value_out_of_range', { key: 'CRVAL2', value: crval[1], min: -90, max: 90 });
  }
  const pole = resolveNativePole({
    crval,
    phi0Deg: 0,
    theta0Deg: 90,
    lonpoleDeg: 180,
    latpoleDeg: undefined,
  });
  return new WcsTransform({
    projection: tan(),
    rotation: nativeToCelestialMatrix(pole),
    pixelDistortion: sip && new SipDistortion(sip, crpix[0], crpix[1]),
    description: {
      projection: 'TAN',
      ctype: ['RA---TAN', 'DEC--TAN'],
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

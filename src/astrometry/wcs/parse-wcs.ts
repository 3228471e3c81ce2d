// A FITS header becomes a CelestialWcs: keywords are read, old spellings resolved, the parts put together.
import { findCelestialAxes, type CelestialAxes } from './celestial-axes.js';
import { nativeToCelestialMatrix, resolveNativePole } from './celestial-rotation.js';
import type { CelestialWcs } from './celestial-wcs.js';
import { DEG_TO_RAD, RAD_TO_DEG } from './angles.js';
import { readDssPlate, type DssPlate } from './distortion/dss-plate.js';
import type { LookupTables } from './distortion/lookup-table.js';
import { makePixelDistortion } from './distortion/pixel-distortion.js';
import { TpvDistortion } from './distortion/tpv.js';
import { numberOf, type HeaderReader } from './header-reader.js';
import { readLinearPart } from './linear-matrix.js';
import { readProjectionParameters, resolveProjection } from './projection-keywords.js';
import type { Projection } from './projections/projection.js';
import { makeProjection } from './projections/registry.js';
import { readSip } from './read-sip.js';
import { readSkyFrame } from './sky-frame.js';
import { WcsError } from './wcs-error.js';
import { WcsTransform } from './wcs-transform.js';

export interface ParseWcsOptions {
  /** Letter of an alternate description, `A` to `Z`; '' (default) is the primary one. */
  readonly alt?: string;
  /** Tables of `CPDISj = 'Lookup'` and `D2IMDISj = 'Lookup'`; see `loadLookupTables`. */
  readonly lookup?: LookupTables;
}

/**
 * Reads the celestial WCS of a header (FITS WCS Papers I and II, SIP, TPV, lookup tables of the Paper IV draft, DSS
 * plates). Axes other than the celestial pair stay at their reference pixel.
 * @throws WcsError when the header holds no valid celestial WCS; `reason` says why.
 */
export function parseWcs(header: HeaderReader, options: ParseWcsOptions = {}): CelestialWcs {
  const alt = options.alt ?? '';
  const plate = alt === '' ? readDssPlate(header) : undefined;
  // The plate solution stands above the TAN approximation that some of these headers carry as well.
  if (plate !== undefined) return plateWcs(header, plate);
  const axes = findCelestialAxes(header, alt);
  const sip = (alt === '' && axes.code !== 'TPV') || axes.sipSuffix ? readSip(header) : undefined;
  refuseSequentDistortion(header, axes, alt);

  const linear = readLinearPart(header, axes, alt);
  const crval = readCrval(header, axes, alt);
  const given = readProjectionParameters(header, axes, alt, sip !== undefined);
  const native = resolveProjection(axes, given, crval);
  const { offset = 0, phi0, theta0, lonpole, latpole } = native.placement;
  const theta0Deg = theta0 ?? native.projection.theta0Deg;
  const phi0Deg = phi0 ?? 0;
  const pole = resolveNativePole({
    crval,
    phi0Deg,
    theta0Deg,
    lonpoleDeg: lonpole ?? poleKeyword(header, `LONPOLE${alt}`),
    latpoleDeg: latpole ?? poleKeyword(header, `LATPOLE${alt}`),
  });
  const lookup = makePixelDistortion(header, {
    sip,
    crpix: linear.crpix,
    pixelAxes: linear.pixelAxes,
    tables: options.lookup,
  });
  const tpv = axes.code === 'TPV' ? new TpvDistortion(given.lon, given.lat) : undefined;
  const { radesys, equinox } = readSkyFrame(header, axes.frame, alt);
  return new WcsTransform({
    projection: native.projection,
    rotation: nativeToCelestialMatrix(pole),
    pixelDistortion: lookup.distortion,
    planeDistortion: tpv,
    planeOrigin: offset === 0 ? undefined : originOf(native.projection, phi0Deg, theta0Deg),
    description: {
      projection: native.projection.code,
      ctype: native.ctype,
      frame: axes.frame,
      pixelAxes: linear.pixelAxes,
      latitudeFirst: axes.latAxis < axes.lonAxis,
      crval,
      crpix: linear.crpix,
      cd: linear.cd,
      lonpoleDeg: pole.lonpoleDeg,
      latpoleDeg: pole.latDeg,
      parameters: native.parameters,
      radesys,
      equinox,
      distortions: tpv ? [...lookup.kinds, 'tpv'] : lookup.kinds,
      sip,
      shape: shapeOf(header, linear.pixelAxes),
    },
  });
}

/** Such a header needs no CTYPE; its EPOCH is the date of the exposure, the coordinates are J2000 unless EQUINOX says else. */
function plateWcs(header: HeaderReader, plate: DssPlate): CelestialWcs {
  const { crval, crpix, cd, distortion } = plate;
  const pole = resolveNativePole({
    crval,
    phi0Deg: 0,
    theta0Deg: 90,
    lonpoleDeg: 180,
    latpoleDeg: undefined,
  });
  const silent = header.get('EQUINOX') === undefined && header.get('RADESYS') === undefined;
  const system = silent ? { radesys: 'FK5', equinox: 2000 } : readSkyFrame(header, 'equatorial', '');
  return new WcsTransform({
    projection: makeProjection('TAN', () => undefined),
    rotation: nativeToCelestialMatrix(pole),
    pixelDistortion: distortion,
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
      ...system,
      distortions: ['dss'],
      sip: undefined,
      shape: shapeOf(header, [1, 2]),
    },
  });
}

function readCrval(header: HeaderReader, axes: CelestialAxes, alt: string): readonly [number, number] {
  const lon = (numberOf(header, `CRVAL${axes.lonAxis}${alt}`) ?? 0) * axes.toDegrees[0];
  const key = `CRVAL${axes.latAxis}${alt}`;
  const lat = (numberOf(header, key) ?? 0) * axes.toDegrees[1];
  if (Math.abs(lat) > 90)
    throw new WcsError('wcs_value_out_of_range', { key, value: lat, min: -90, max: 90 });
  if (Math.abs(lon) > 1080)
    throw new WcsError('wcs_value_out_of_range', {
      key: `CRVAL${axes.lonAxis}${alt}`,
      value: lon,
      min: -1080,
      max: 1080,
    });
  return [lon, lat];
}

/** 999 is the value of old headers for "not given". */
function poleKeyword(header: HeaderReader, key: string): number | undefined {
  const value = numberOf(header, key);
  return value === 999 ? undefined : value;
}

/** A sequent distortion (CQDIS) that is not understood must not be left out in silence. */
function refuseSequentDistortion(header: HeaderReader, axes: CelestialAxes, alt: string): void {
  for (const axis of [axes.lonAxis, axes.latAxis]) {
    const key = `CQDIS${axis}${alt}`;
    const value = header.get(key);
    if (value !== undefined) throw new WcsError('wcs_distortion_unknown', { key, value });
  }
}

function originOf(projection: Projection, phi0Deg: number, theta0Deg: number): readonly [number, number] {
  const phi = phi0Deg * DEG_TO_RAD;
  const theta = theta0Deg * DEG_TO_RAD;
  const out = new Float64Array(3);
  const cos = Math.cos(theta);
  if (!projection.fromNative(cos * Math.cos(phi), cos * Math.sin(phi), Math.sin(theta), out)) {
    throw new WcsError('wcs_parameter_invalid', {
      projection: projection.code,
      key: 'PV1_2',
      value: theta * RAD_TO_DEG,
    });
  }
  return [out[0], out[1]];
}

function shapeOf(
  header: HeaderReader,
  pixelAxes: readonly [number, number],
): readonly [number, number] | undefined {
  const [nx, ny] = pixelAxes.map((axis) => header.get(`NAXIS${axis}`));
  return typeof nx === 'number' && typeof ny === 'number' && nx > 0 && ny > 0 ? [nx, ny] : undefined;
}

// A FITS header becomes a CelestialWcs: keywords are read, old spellings resolved, the parts put together.
import { findCelestialAxes, type CelestialAxes } from './celestial-axes.js';
import { nativeToCelestialMatrix, resolveNativePole } from './celestial-rotation.js';
import type { CelestialWcs, ProjectionParameter } from './celestial-wcs.js';
import { DEG_TO_RAD, RAD_TO_DEG } from './angles.js';
import { readDssPlate } from './distortion/dss-plate.js';
import type { LookupTables } from './distortion/lookup-table.js';
import { makePixelDistortion } from './distortion/pixel-distortion.js';
import { TpvDistortion } from './distortion/tpv.js';
import { numberOf, type HeaderReader } from './header-reader.js';
import { readLinearPart } from './linear-matrix.js';
import type { Projection } from './projections/projection.js';
import { makeProjection, MAX_PARAMETERS } from './projections/registry.js';
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
  const axes = findCelestialAxes(header, alt);
  const plate = alt === '' ? readDssPlate(header) : undefined;
  const sip = (alt === '' && axes.code !== 'TPV') || axes.sipSuffix ? readSip(header) : undefined;
  refuseSequentDistortion(header, axes, alt);

  const linear = readLinearPart(header, axes, alt);
  const crval = plate?.crval ?? readCrval(header, axes, alt);
  const given = resolveParameters(header, axes, alt, sip !== undefined);
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
    pixelDistortion: plate?.distortion ?? lookup.distortion,
    planeDistortion: plate ? undefined : tpv,
    planeOrigin: offset === 0 ? undefined : originOf(native.projection, phi0Deg, theta0Deg),
    description: {
      projection: native.projection.code,
      ctype: native.ctype,
      frame: axes.frame,
      pixelAxes: linear.pixelAxes,
      latitudeFirst: axes.latAxis < axes.lonAxis,
      crval,
      crpix: plate?.crpix ?? linear.crpix,
      cd: plate?.cd ?? linear.cd,
      lonpoleDeg: pole.lonpoleDeg,
      latpoleDeg: pole.latDeg,
      parameters: native.parameters,
      radesys,
      equinox,
      distortions: plate ? ['dss'] : [...lookup.kinds, ...(tpv ? (['tpv'] as const) : [])],
      sip: plate ? undefined : sip,
      shape: shapeOf(header, linear.pixelAxes),
    },
  });
}

/** PVi_m as given, by m. */
interface GivenParameters {
  readonly lon: ReadonlyMap<number, number>;
  readonly lat: ReadonlyMap<number, number>;
}

/** Where the reference point and the pole lie, as far as PVi_0 to PVi_4 of the longitude axis say (Paper II, 2.5). */
interface Placement {
  readonly offset?: number | undefined;
  readonly phi0?: number | undefined;
  readonly theta0?: number | undefined;
  readonly lonpole?: number | undefined;
  readonly latpole?: number | undefined;
}

interface ResolvedProjection {
  readonly projection: Projection;
  readonly ctype: readonly [string, string];
  readonly parameters: readonly ProjectionParameter[];
  readonly placement: Placement;
}

/** Highest index of the TPV convention. */
const MAX_TPV = 39;

function resolveParameters(
  header: HeaderReader,
  axes: CelestialAxes,
  alt: string,
  hasSip: boolean,
): GivenParameters {
  const lon = readParameters(header, axes.lonAxis, alt);
  const lat = readParameters(header, axes.latAxis, alt);
  if (axes.code === 'TPV') return { lon, lat };
  const beyond = [...lon.keys()].find((m) => m > 4);
  // Headers made by SCAMP and converted to SIP keep the old polynomial in PV cards: SIP says the same, PV is left.
  if (axes.code === 'TAN' && hasSip && (beyond !== undefined || lat.size > 0))
    return { lon: new Map(), lat: new Map() };
  if (beyond !== undefined) {
    throw new WcsError('wcs_parameter_unknown', {
      key: `PV${axes.lonAxis}_${beyond}${alt}`,
      projection: axes.code,
    });
  }
  const wide = [...lat.keys()].find((m) => m >= MAX_PARAMETERS);
  if (wide !== undefined) {
    throw new WcsError('wcs_parameter_unknown', {
      key: `PV${axes.latAxis}_${wide}${alt}`,
      projection: axes.code,
    });
  }
  return { lon, lat };
}

function readParameters(header: HeaderReader, axis: number, alt: string): Map<number, number> {
  const values = new Map<number, number>();
  for (let m = 0; m <= MAX_TPV; m += 1) {
    const value = numberOf(header, `PV${axis}_${m}${alt}`);
    if (value !== undefined) values.set(m, value);
  }
  return values;
}

/** Resolves NCP, GLS and TPV to projections of Paper II (its sections 6.1.2 to 6.1.4), and makes the projection. */
function resolveProjection(
  axes: CelestialAxes,
  given: GivenParameters,
  crval: readonly [number, number],
): ResolvedProjection {
  const finish = (
    code: string,
    lat: ReadonlyMap<number, number>,
    lon: ReadonlyMap<number, number>,
  ): ResolvedProjection => ({
    projection: makeProjection(code, (m) => lat.get(m)),
    ctype: [axes.ctype[0].slice(0, 5) + code, axes.ctype[1].slice(0, 5) + code],
    parameters: [
      ...[...lon].map(([m, value]) => ({ axis: 'longitude' as const, m, value })),
      ...[...lat].map(([m, value]) => ({ axis: 'latitude' as const, m, value })),
    ],
    placement: {
      offset: lon.get(0),
      phi0: lon.get(1),
      theta0: lon.get(2),
      lonpole: lon.get(3),
      latpole: lon.get(4),
    },
  });
  if (axes.code === 'NCP') {
    if (crval[1] === 0)
      throw new WcsError('wcs_parameter_invalid', { projection: 'NCP', key: 'CRVAL2', value: 0 });
    return finish(
      'SIN',
      new Map([
        [1, 0],
        [2, 1 / Math.tan(crval[1] * DEG_TO_RAD)],
      ]),
      given.lon,
    );
  }
  if (axes.code === 'GLS') {
    // AIPS measured y from the reference latitude: the offset form of SFL.
    const offset =
      crval[1] === 0
        ? given.lon
        : new Map([
            [0, 1],
            [1, 0],
            [2, crval[1]],
          ]);
    return finish('SFL', given.lat, offset);
  }
  if (axes.code === 'TPV') {
    const tpv = finish('TAN', new Map(), new Map());
    return { ...tpv, parameters: finish('TAN', given.lat, given.lon).parameters };
  }
  return finish(axes.code, given.lat, given.lon);
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

// Projection code and parameters PVi_m of a header, old spellings resolved.
import { DEG_TO_RAD } from './angles.js';
import type { CelestialAxes } from './celestial-axes.js';
import type { ProjectionParameter } from './celestial-wcs.js';
import { numberOf, type HeaderReader } from './header-reader.js';
import type { Projection } from './projections/projection.js';
import { makeProjection, MAX_PARAMETERS } from './projections/registry.js';
import { WcsError } from './wcs-error.js';

/** PVi_m as given, by m. */
export interface GivenParameters {
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

/** The projection and what the longitude axis's parameters say about its placement. */
export interface ResolvedProjection {
  readonly projection: Projection;
  readonly ctype: readonly [string, string];
  readonly parameters: readonly ProjectionParameter[];
  readonly placement: Placement;
}

/** Highest index of the TPV convention. */
const MAX_TPV = 39;

/**
 * Reads the PV cards of both axes.
 * @throws WcsError wcs_parameter_unknown for an index that the projection does not have (SCAMP's polynomial under TAN).
 */
export function readProjectionParameters(
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

/**
 * Resolves NCP, GLS and TPV to projections of Paper II (its sections 6.1.2 to 6.1.4), and makes the projection.
 * @throws WcsError wcs_projection_unknown, wcs_parameter_invalid.
 */
export function resolveProjection(
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

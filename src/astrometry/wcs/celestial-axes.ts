// Which axes are longitude and latitude, in which system and projection: the reading of CTYPEia and CUNITia
// (Greisen & Calabretta 2002 = Paper I, sections 2.1 and 3.1; Paper II, section 3.1).
import type { CelestialFrame } from './celestial-wcs.js';
import { textOf, type HeaderReader } from './header-reader.js';
import { WcsError } from './wcs-error.js';

/** The celestial pair of a header. Axis numbers are FITS numbers, from 1. */
export interface CelestialAxes {
  readonly lonAxis: number;
  readonly latAxis: number;
  readonly frame: CelestialFrame;
  /** Projection code as written (`TAN`, `TPV`, `NCP`, ...). */
  readonly code: string;
  /** CTYPEs without suffix. */
  readonly ctype: readonly [string, string];
  /** The suffix `-SIP` stands on both CTYPEs. */
  readonly sipSuffix: boolean;
  /** Factors from CUNIT to degrees, of the longitude and the latitude axis. */
  readonly toDegrees: readonly [number, number];
}

/** Headers name few axes; beyond this no writer of images goes, and a header must not cost a long search. */
export const MAX_AXES = 9;

const CTYPE = /^([A-Z]{1,4})-+([A-Z]{3})(?:-+([A-Z0-9]+))?$/;

interface NamedAxis {
  readonly axis: number;
  readonly system: string;
  readonly kind: 'lon' | 'lat';
  readonly code: string;
  readonly suffix: string;
  readonly ctype: string;
}

/**
 * Finds the one celestial pair of the description `alt` ('' or a letter).
 * @throws WcsError wcs_no_celestial_axes, wcs_axes_mismatch, wcs_unit_unknown.
 */
export function findCelestialAxes(header: HeaderReader, alt: string): CelestialAxes {
  const found: NamedAxis[] = [];
  for (let axis = 1; axis <= MAX_AXES; axis += 1) {
    const ctype = textOf(header, `CTYPE${axis}${alt}`);
    const named = ctype === undefined ? undefined : readCtype(axis, ctype);
    if (named !== undefined) found.push(named);
  }
  if (found.length === 0) throw new WcsError('wcs_no_celestial_axes', { key: `CTYPE1${alt}` });
  const lon = found.filter((a) => a.kind === 'lon');
  const lat = found.filter((a) => a.kind === 'lat');
  const [first] = lon;
  const [second] = lat;
  if (
    lon.length !== 1 ||
    lat.length !== 1 ||
    first.system !== second.system ||
    first.code !== second.code ||
    first.suffix !== second.suffix
  ) {
    throw new WcsError('wcs_axes_mismatch', { ctypes: found.map((a) => a.ctype).join(', ') });
  }
  return {
    lonAxis: first.axis,
    latAxis: second.axis,
    frame: frameOf(first.system),
    code: first.code,
    ctype: [first.ctype, second.ctype],
    sipSuffix: first.suffix === 'SIP',
    toDegrees: [unitOf(header, `CUNIT${first.axis}${alt}`), unitOf(header, `CUNIT${second.axis}${alt}`)],
  };
}

function readCtype(axis: number, text: string): NamedAxis | undefined {
  const match = CTYPE.exec(text.toUpperCase());
  if (match === null) return undefined;
  const [, name, code, suffix = ''] = match;
  // Some writers miss a dash.
  const ctype = `${name.padEnd(4, '-')}-${code}`;
  const make = (system: string, kind: 'lon' | 'lat'): NamedAxis => ({
    axis,
    system,
    kind,
    code,
    suffix,
    ctype,
  });
  if (name === 'RA') return make('RA', 'lon');
  if (name === 'DEC') return make('RA', 'lat');
  // xLON/xLAT and yzLN/yzLT (Paper II, section 3.1).
  if (/^.(LON|LAT)$/.test(name)) return make(name[0], name.endsWith('LON') ? 'lon' : 'lat');
  if (/^..L[NT]$/.test(name)) return make(name.slice(0, 2), name.endsWith('N') ? 'lon' : 'lat');
  return undefined;
}

function frameOf(system: string): CelestialFrame {
  if (system === 'RA') return 'equatorial';
  if (system === 'G') return 'galactic';
  return system === 'E' ? 'ecliptic' : 'other';
}

const UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['deg', 1],
  ['degree', 1],
  ['degrees', 1],
  ['arcmin', 1 / 60],
  ['arcsec', 1 / 3600],
  ['mas', 1 / 3.6e6],
  ['rad', 180 / Math.PI],
]);

function unitOf(header: HeaderReader, key: string): number {
  const text = textOf(header, key) ?? '';
  const factor = UNITS.get(text) ?? UNITS.get(text.toLowerCase());
  if (factor === undefined) throw new WcsError('wcs_unit_unknown', { key, value: text });
  return factor;
}

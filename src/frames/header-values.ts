// Header cards as capture programs really write them: numbers in quotes, sexagesimal angles, local times.
import type { FitsHeader } from '../fits/header.js';

/** The first of `keys` that holds a finite number. */
export function firstNumber(header: FitsHeader, ...keys: string[]): number | undefined {
  for (const key of keys) {
    const value = header.getNumber(key);
    if (value !== undefined && Number.isFinite(value)) return value;
  }
  return undefined;
}

/** The first of `keys` that holds text or a number (a filter wheel's slot); blanks and quotes at its ends removed, empty text counts as absent. */
export function firstText(header: FitsHeader, ...keys: string[]): string | undefined {
  for (const key of keys) {
    const card = header.get(key);
    const value = typeof card === 'boolean' ? undefined : card?.toString().replace(/^[\s']+|[\s']+$/g, '');
    if (value) return value;
  }
  return undefined;
}

/**
 * Degrees from a number of degrees or a sexagesimal text (`20 59 32.1`, `+68:12:56`), which counts as hours when `hours`.
 * Undefined for anything else.
 */
export function angleDeg(value: string | number | boolean | undefined, hours: boolean): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string') return undefined;
  const match = /^\s*([+-]?)(\d+)[\s:hd°]+(\d+)(?:[\s:m']+(\d+(?:\.\d*)?))?\s*[s"]?\s*$/.exec(value);
  if (!match) return value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : undefined;
  const size = Number(match[2]) + Number(match[3]) / 60 + Number(match[4] ?? 0) / 3600;
  return (match[1] === '-' ? -size : size) * (hours ? 15 : 1);
}

/** Where the header says the telescope pointed, degrees; undefined when it does not or when that is no place on the sky. */
export function headerPointing(header: FitsHeader): { raDeg: number; decDeg: number } | undefined {
  for (const [raKey, decKey] of [
    ['RA', 'DEC'],
    ['OBJCTRA', 'OBJCTDEC'],
    ['RA_OBJ', 'DEC_OBJ'],
    ['TELRA', 'TELDEC'],
  ]) {
    const raDeg = angleDeg(header.get(raKey), true);
    const decDeg = angleDeg(header.get(decKey), false);
    if (raDeg === undefined || decDeg === undefined) continue;
    if (raDeg >= -180 && raDeg <= 360 && Math.abs(decDeg) <= 90)
      return { raDeg: raDeg < 0 ? raDeg + 360 : raDeg, decDeg };
  }
  return undefined;
}

/**
 * Start of the exposure in UTC as ISO 8601 with milliseconds. DATE-OBS is UTC (FITS 4.0, section 9.5) unless it carries an offset (`-0700`,
 * `+02:00`), which is not FITS but is met; DATE-OBS without a time is joined with TIME-OBS or UT; MJD-OBS is the last resort.
 */
export function observationTime(header: FitsHeader): string | undefined {
  const date = firstText(header, 'DATE-OBS', 'DATE_OBS', 'DATE-BEG');
  if (date !== undefined) {
    const time = /[T ]\d/.test(date) ? '' : firstText(header, 'TIME-OBS', 'UT', 'UT-START');
    const match =
      /^(\d{4})-(\d{2})-(\d{2})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d*)?))?)?\s*(Z|[+-]\d{2}:?\d{2})?$/.exec(
        time ? `${date}T${time}` : date,
      );
    if (match) {
      const [, y, mo, d, h = '0', mi = '0', s = '0', zone] = match;
      const utc =
        Date.UTC(+y, +mo - 1, +d, +h, +mi) + Math.round(Number(s) * 1000) - offsetMinutes(zone) * 60_000;
      if (Number.isFinite(utc)) return new Date(utc).toISOString();
    }
  }
  const mjd = firstNumber(header, 'MJD-OBS', 'MJD-BEG');
  const plausible = mjd !== undefined && mjd > 15_000 && mjd < 110_000;
  return plausible ? new Date(Math.round((mjd - 40_587) * 86_400_000)).toISOString() : undefined;
}

function offsetMinutes(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z') return 0;
  const digits = zone.slice(1).replace(':', '');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return zone.startsWith('-') ? -minutes : minutes;
}

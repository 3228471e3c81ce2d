// What this room needs of a FITS header: values by keyword. `FitsHeader` of src/fits satisfies it structurally.
import { WcsError } from './wcs-error.js';

/** Read access to the cards of one header. */
export interface HeaderReader {
  /** Value of a keyword (upper case, without padding), `undefined` when the card is absent or has no value. */
  get(key: string): string | number | boolean | undefined;
  /** All cards in order, where the reader has them: record-valued keywords (`DP1`, `D2IM1`) stand several times. */
  readonly cards?: readonly {
    readonly key: string;
    readonly value?: string | number | boolean | undefined;
  }[];
}

/**
 * A finite number, also one that stands in quotes, as some capture programs write it; undefined when absent.
 * @throws WcsError wcs_value_not_number for anything else.
 */
export function numberOf(header: HeaderReader, key: string): number | undefined {
  const value = header.get(key);
  if (value === undefined) return undefined;
  const text = typeof value === 'string' ? value.trim().replace(/[dD](?=[+-]?\d+$)/, 'E') : '';
  const number = typeof value === 'number' ? value : text === '' ? NaN : Number(text);
  if (!Number.isFinite(number)) throw new WcsError('wcs_value_not_number', { key, value });
  return number;
}

/** A string without padding; undefined when absent or not a string. */
export function textOf(header: HeaderReader, key: string): string | undefined {
  const value = header.get(key);
  return typeof value === 'string' ? value.trim() : undefined;
}

/**
 * Field of a record-valued keyword (FITS Paper IV draft): the number after `FIELD:` in `KEY = 'FIELD: 2'`, also when
 * the reader answers to the full name `KEY.FIELD`; undefined when absent.
 */
export function recordOf(header: HeaderReader, key: string, field: string): number | undefined {
  const whole = numberOf(header, `${key}.${field}`);
  if (whole !== undefined) return whole;
  const texts = header.cards?.filter((card) => card.key === key).map((card) => card.value) ?? [
    header.get(key),
  ];
  for (const text of texts) {
    const match = typeof text === 'string' ? /^\s*([A-Za-z0-9_.]+)\s*:\s*(\S+)\s*$/.exec(text) : null;
    if (match === null || match[1].toUpperCase() !== field) continue;
    const number = Number(match[2]);
    if (!Number.isFinite(number))
      throw new WcsError('wcs_value_not_number', { key: `${key}.${field}`, value: match[2] });
    return number;
  }
  return undefined;
}

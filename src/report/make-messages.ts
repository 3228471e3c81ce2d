// Texts in the user's language: a locale key and values become a sentence. Pure: it runs in the window's page as well.
import { IntlMessageFormat, type Formatters } from 'intl-messageformat';
import type { CodedMessage } from '../config/errors.js';
import { formatNumber } from './format-number.js';
import type { Language } from './language.js';

/** A value that a text names. */
export type MessageValue = string | number | boolean;

/** Texts of one language. */
export interface Messages {
  readonly language: Language;
  /** The text of `key`. Control characters in values are escaped: a file name cannot steer the terminal. */
  t(key: string, params?: Readonly<Record<string, MessageValue>>): string;
  /** The text of a coded message. */
  message(message: CodedMessage): string;
  /** Bytes with a binary unit, three digits (`1.46 GiB`). */
  bytes(count: number): string;
  /** A duration in the two largest units that matter (`2 min 5 s`, `340 ms`). */
  duration(milliseconds: number): string;
  number(value: number, maximumFractionDigits?: number): string;
  /** With so many digits after the point, zeros too: for columns. */
  fixed(value: number, fractionDigits: number): string;
}

export type Catalogue = Readonly<Record<string, string>>;

// C0, DEL and C1 controls, and the marks that reverse the direction of text.
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** The text with control characters written as `\xNN` or `\uNNNN`. */
export function printable(text: string): string {
  return text.replace(CONTROLS, (char) => {
    const code = char.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`;
  });
}

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

// It looks for the languages that `Intl.NumberFormat` knows, which costs every start 20 ms; all of ours are known.
IntlMessageFormat.resolveLocale = (languages) => new Intl.Locale(String(languages));

/** Texts of `language`; a key that the catalogue lacks is shown as the key itself with its values. */
export function makeMessages(language: Language, catalogue: Catalogue): Messages {
  const formats = new Map<string, IntlMessageFormat>();
  const plurals = new Map<string | undefined, Intl.PluralRules>();
  const formatters: Formatters = {
    getNumberFormat: (_, options) =>
      options
        ? new Intl.NumberFormat(language, options)
        : ({ format: (value: number) => formatNumber(language, value) } as Intl.NumberFormat),
    getPluralRules: (_, options) => {
      const kept = plurals.get(options?.type);
      const made = kept ?? new Intl.PluralRules(language, options);
      if (!kept) plurals.set(options?.type, made);
      return made;
    },
    getDateTimeFormat: (...of) => new Intl.DateTimeFormat(...of),
  };

  const number = (value: number, mostFraction = 2): string => formatNumber(language, value, { mostFraction });

  const t: Messages['t'] = (key, params = {}) => {
    if (!Object.hasOwn(catalogue, key))
      return printable(Object.keys(params).length > 0 ? `${key} ${JSON.stringify(params)}` : key);
    let format = formats.get(key);
    if (!format) {
      format = new IntlMessageFormat(catalogue[key], language, undefined, { ignoreTag: true, formatters });
      formats.set(key, format);
    }
    const values = Object.fromEntries(
      Object.entries(params).map(([name, value]) => [
        name,
        typeof value === 'number' ? value : printable(String(value)),
      ]),
    );
    return String(format.format(values));
  };

  const message: Messages['message'] = ({ code, params, because }) =>
    t(code, because ? { ...params, because: message(because) } : params);

  return {
    language,
    t,
    number,
    fixed: (value, digits) => formatNumber(language, value, { leastFraction: digits, mostFraction: digits }),
    message,
    bytes: (count) => {
      const unit = Math.min(
        BYTE_UNITS.length - 1,
        Math.max(0, Math.floor(Math.log2(Math.max(1, count)) / 10)),
      );
      return `${formatNumber(language, count / 1024 ** unit, { mostSignificant: 3 })} ${BYTE_UNITS[unit]}`;
    },
    duration: (milliseconds) => {
      if (milliseconds < SECOND_MS) return `${number(milliseconds, 0)} ms`;
      // 59.95 s would be rounded to "60 s".
      if (milliseconds < MINUTE_MS - 50) return `${number(milliseconds / SECOND_MS, 1)} s`;
      const seconds = Math.round(milliseconds / SECOND_MS);
      if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
      return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
    },
  };
}

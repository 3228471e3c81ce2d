// Numbers as a language writes them. The same texts as those of `Intl.NumberFormat`, whose first one costs every start 20 ms: V8 looks then for all languages of the world.
import type { Language } from './language.js';

/** How many digits are shown. */
export interface ShownDigits {
  /** After the point, at least (0 unless told). */
  readonly leastFraction?: number;
  /** After the point, at most (3 unless told). */
  readonly mostFraction?: number;
  /** In all, at most; digits after the point are as many as that leaves. */
  readonly mostSignificant?: number;
}

/** What stands between groups of three and before the fraction, and the length from which on whole numbers are grouped (Unicode CLDR). */
const MARKS: Readonly<Record<Language, readonly [group: string, point: string, groupedFrom: number]>> = {
  en: [',', '.', 4],
  fr: ['\u202f', ',', 4],
  es: ['.', ',', 5],
  pl: ['\u00a0', ',', 5],
  de: ['.', ',', 4],
  nl: ['.', ',', 4],
  is: ['.', ',', 4],
};

/** `value` rounded to nearest as its shortest decimal form says, halves away from zero. */
export function formatNumber(
  language: Language,
  value: number,
  { leastFraction = 0, mostFraction = 3, mostSignificant }: ShownDigits = {},
): string {
  if (Number.isNaN(value)) return 'NaN';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  if (!Number.isFinite(value)) return `${sign}∞`;
  const [group, mark, groupedFrom] = MARKS[language];
  const [mantissa, exponent] = Math.abs(value).toExponential().split('e');
  const exact = mantissa.replace('.', '');
  const [digits, point] = rounded(
    exact,
    Number(exponent) + 1,
    (before) => mostSignificant ?? before + mostFraction,
  );
  const whole = digits.slice(0, Math.max(0, point)).padEnd(point, '0') || '0';
  const fraction = ('0'.repeat(Math.max(0, -point)) + digits.slice(Math.max(0, point)))
    .replace(/0+$/, '')
    .padEnd(leastFraction, '0');
  const grouped = whole.length < groupedFrom ? whole : whole.replace(/\B(?=(?:\d{3})+$)/g, group);
  return sign + grouped + (fraction && mark + fraction);
}

/** So many of the digits, and how many of them stand before the point then. */
function rounded(
  digits: string,
  point: number,
  most: (point: number) => number,
): [digits: string, point: number] {
  const kept = most(point);
  if (kept >= digits.length) return [digits, point];
  if (kept < 0) return ['', point];
  if (digits[kept] < '5') return [digits.slice(0, kept), point];
  const carried = digits.slice(0, kept).replace(/9+$/, '');
  if (carried === '') return ['1', point + 1];
  return [carried.slice(0, -1) + String(Number(carried[carried.length - 1]) + 1), point];
}

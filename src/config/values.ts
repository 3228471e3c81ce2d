// Texts and foreign spellings become values of the table. What cannot be understood is handed on as it is, so that
// the validation names it together with everything else that is wrong.
import type { Row, ValueKind } from './row.js';

const TRUE_WORDS = new Set(['true', '1', 'yes', 'on']);
const FALSE_WORDS = new Set(['false', '0', 'no', 'off']);
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** How null is written. */
const AUTOMATIC = /^\s*(auto)?\s*$/i;

function numberOf(text: string): number | string {
  return NUMBER.test(text.trim()) ? Number(text) : text;
}

function pairOf(text: string): unknown {
  const parts = text
    .trim()
    .split(/\s*[x,]\s*/i)
    .map(numberOf);
  return parts.length === 2 && parts.every((part) => typeof part === 'number') ? parts : text;
}

/** The value that a text of the environment or of the command line means for this row; the text itself if none. */
export function valueFromText(row: Row, text: string): unknown {
  switch (row.kind) {
    case 'boolean': {
      const word = text.trim().toLowerCase();
      return TRUE_WORDS.has(word) ? true : FALSE_WORDS.has(word) ? false : text;
    }
    case 'integer':
      return numberOf(text);
    case 'number':
      return row.default === null && AUTOMATIC.test(text) ? null : numberOf(text);
    case 'size':
      return AUTOMATIC.test(text) ? null : pairOf(text);
    case 'limits':
      return pairOf(text);
    case 'choice':
      return text.trim().toLowerCase();
    case 'text':
    case 'path':
      return text;
  }
}

/** The value that a JSON value of a file means: the file's own types, and texts where the reference program has them. */
export function valueFromJson(row: Row, value: unknown): unknown {
  const textual = ['size', 'limits', 'choice'].includes(row.kind);
  return textual && typeof value === 'string' ? valueFromText(row, value) : value;
}

/** A value as users type it on the command line and as the documentation writes it. */
export function valueToText(value: unknown, kind?: ValueKind): string {
  if (Array.isArray(value)) return value.join(kind === 'limits' ? ',' : 'x');
  if (value === null) return 'auto';
  return String(value);
}

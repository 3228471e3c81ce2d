// One 80-character card: reading it leniently (FITS 4.0, section 4; the HIERARCH and CONTINUE conventions).

export type CardValue = string | number | boolean;

/** A keyword record. `COMMENT`, `HISTORY` and blank cards have their text in `comment` and no value. */
export interface Card {
  /** Upper case; HIERARCH keywords without the word HIERARCH, single blanks between their parts. */
  readonly key: string;
  readonly value?: CardValue;
  readonly comment: string;
}

export const CARD_LENGTH = 80;

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[EeDd][+-]?\d+)?$/;
const COMMENTARY = new Set(['COMMENT', 'HISTORY', '']);

/** A number as FITS writes it (D exponents included), or undefined. */
export function parseFitsNumber(text: string): number | undefined {
  const trimmed = text.trim();
  return NUMBER.test(trimmed) ? Number(trimmed.replace(/[dD]/, 'E')) : undefined;
}

/**
 * Reads one card. Lenient where instruments are careless: any case of the keyword, no blank after `=`, values off
 * their columns, text without quotes (kept as a string), a string without its closing quote.
 */
export function parseCard(text: string): Card {
  if (/^HIERARCH\s/i.test(text)) {
    const at = text.indexOf('=');
    if (at > 0) {
      const key = text.slice(8, at).trim().replace(/\s+/g, ' ').toUpperCase();
      return { key, ...parseValue(text.slice(at + 1)) };
    }
  }
  const key = text.slice(0, 8).trim().toUpperCase();
  if (key === 'CONTINUE') return { key, ...parseValue(text.slice(8)) };
  if (COMMENTARY.has(key) || text[8] !== '=') return { key, comment: text.slice(8).trimEnd() };
  return { key, ...parseValue(text.slice(9)) };
}

function parseValue(field: string): { value?: CardValue; comment: string } {
  const start = field.search(/\S/);
  if (start < 0) return { comment: '' };
  if (field[start] === "'") return parseString(field, start + 1);
  const slash = field.indexOf('/');
  const word = (slash < 0 ? field : field.slice(0, slash)).trim();
  const comment = slash < 0 ? '' : field.slice(slash + 1).trim();
  if (word === '') return { comment };
  if (word === 'T' || word === 'F') return { value: word === 'T', comment };
  return { value: parseFitsNumber(word) ?? word, comment };
}

function parseString(field: string, start: number): { value: string; comment: string } {
  let value = '';
  let at = start;
  for (;;) {
    const quote = field.indexOf("'", at);
    if (quote < 0) return { value: (value + field.slice(at)).trimEnd(), comment: '' };
    value += field.slice(at, quote);
    if (field[quote + 1] !== "'") {
      const slash = field.indexOf('/', quote + 1);
      // Trailing blanks of a string are not significant (section 4.2.1.1).
      return { value: value.trimEnd(), comment: slash < 0 ? '' : field.slice(slash + 1).trim() };
    }
    value += "'";
    at = quote + 2;
  }
}

// Cards for writing (FITS 4.0, section 4.2): fixed format, long strings over CONTINUE, long keywords over HIERARCH.
import { CARD_LENGTH, type CardValue } from '../card.js';
import { FitsError } from '../fits-error.js';

/** A card to write. `COMMENT`, `HISTORY` and '' take their text from `comment` and no value. */
export interface CardInput {
  readonly key: string;
  readonly value?: CardValue;
  readonly comment?: string;
}

const STANDARD_KEY = /^[A-Z0-9_-]{1,8}$/;
const HIERARCH_KEY = /^[A-Z0-9_-]+(?: [A-Z0-9_-]+)*$/;
/** Characters between the quotes of one card: 70 columns less two quotes and the `&`. */
const STRING_ROOM = 67;

/**
 * Lays a card out as one or more lines of 80 ASCII characters. Text outside ASCII loses its accents, or becomes `?`.
 * A comment that does not fit is cut. Throws `fits_bad_card` for a keyword or number FITS cannot hold.
 */
export function formatCard({ key, value, comment = '' }: CardInput): string[] {
  const name = key.trim().toUpperCase();
  const note = toAscii(comment);
  const bad = () => new FitsError('fits_bad_card', { key, value: String(value) });
  if (value === undefined && (name === 'COMMENT' || name === 'HISTORY' || name === '')) {
    return commentary(name, note);
  }
  const standard = STANDARD_KEY.test(name);
  if (!standard && (!HIERARCH_KEY.test(name) || name.length > 50)) throw bad();
  if (typeof value === 'number' && !Number.isFinite(value)) throw bad();
  const head = standard ? `${name.padEnd(8)}= ` : `HIERARCH ${name} = `;
  if (typeof value === 'string') return stringCard(head, toAscii(value), note, standard);
  const text =
    value === undefined ? '' : typeof value === 'boolean' ? (value ? 'T' : 'F') : formatNumber(value);
  return [withComment(head + (standard ? text.padStart(20) : text), note)];
}

/** Shortest text that reads back as the same float64, with the `E` of FITS. */
function formatNumber(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  const text = String(value).toUpperCase();
  // "1E+21" is legal FITS, yet some readers take it for an integer without the point.
  return text.includes('E') && !text.includes('.') ? text.replace('E', '.0E') : text;
}

function toAscii(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\x20-\x7e]/gu, '?');
}

function withComment(text: string, comment: string): string {
  const full = comment === '' ? text : `${text} / ${comment}`;
  return full.slice(0, CARD_LENGTH).padEnd(CARD_LENGTH);
}

function commentary(name: string, text: string): string[] {
  const lines: string[] = [];
  for (let at = 0; at === 0 || at < text.length; at += CARD_LENGTH - 8) {
    lines.push((name.padEnd(8) + text.slice(at, at + CARD_LENGTH - 8)).padEnd(CARD_LENGTH));
  }
  return lines;
}

function stringCard(head: string, value: string, comment: string, standard: boolean): string[] {
  const firstRoom = STRING_ROOM + 10 - head.length;
  const whole = value.replaceAll("'", "''");
  // Without the `&` one more character fits. Fixed format: at least 8 characters between the quotes.
  if (whole.length <= firstRoom + 1) {
    const quoted = `'${whole.padEnd(8)}'`;
    return [withComment(head + (standard ? quoted.padEnd(20) : quoted), comment)];
  }
  const parts: string[] = [];
  let part = '';
  for (const character of value) {
    const escaped = character === "'" ? "''" : character;
    if (part.length + escaped.length > (parts.length === 0 ? firstRoom : STRING_ROOM)) {
      parts.push(part);
      part = '';
    }
    part += escaped;
  }
  parts.push(part);
  return parts.map((text, i) => {
    const last = i === parts.length - 1;
    const line = `${i === 0 ? head : 'CONTINUE  '}'${text}${last ? '' : '&'}'`;
    return withComment(line, last ? comment : '');
  });
}

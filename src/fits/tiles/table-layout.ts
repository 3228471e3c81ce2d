// How the columns of a binary table lie in its rows (FITS 4.0, section 7.3).
import { FitsError } from '../fits-error.js';
import type { FitsHeader } from '../header.js';

export interface TableColumn {
  /** TTYPEn, or '' */
  readonly name: string;
  /** TFORMn letter; for P and Q `element` is the letter of what the heap holds. */
  readonly type: string;
  readonly element?: string;
  readonly repeat: number;
  /** Byte offset in a row. */
  readonly offset: number;
  readonly bytes: number;
}

export interface TableLayout {
  readonly rowBytes: number;
  readonly rows: number;
  readonly columns: readonly TableColumn[];
  /** Heap offset from the start of the data. */
  readonly heapOffset: number;
}

const ELEMENT_BYTES: Readonly<Record<string, number>> = {
  L: 1,
  B: 1,
  A: 1,
  I: 2,
  J: 4,
  K: 8,
  E: 4,
  D: 8,
  C: 8,
  M: 16,
  P: 8,
  Q: 16,
};

/** Bytes of one element of a TFORM letter; undefined for letters that do not exist (X is a bit, not an element). */
export function elementBytes(letter: string): number | undefined {
  return ELEMENT_BYTES[letter];
}

/** Reads the layout of a binary table; throws `fits_bad_keyword` when widths and TFORMs disagree. */
export function parseTableLayout(header: FitsHeader, file: string, hdu: number): TableLayout {
  const bad = (key: string) =>
    new FitsError('fits_bad_keyword', { file, hdu, key, value: String(header.get(key) ?? '') });
  const count = (key: string, fallback?: number): number => {
    const value = header.getNumber(key) ?? fallback;
    if (value === undefined || !Number.isSafeInteger(value) || value < 0) throw bad(key);
    return value;
  };
  const rowBytes = count('NAXIS1');
  const rows = count('NAXIS2');
  const fields = count('TFIELDS');
  if (fields > 999) throw bad('TFIELDS');
  const columns: TableColumn[] = [];
  let offset = 0;
  for (let n = 1; n <= fields; n++) {
    const match = /^\s*(\d*)([LXBIJKAEDCMPQ])([LXBIJKAEDCM]?)/i.exec(header.getString(`TFORM${n}`) ?? '');
    if (!match) throw bad(`TFORM${n}`);
    const repeat = match[1] === '' ? 1 : Number(match[1]);
    const type = match[2].toUpperCase();
    const bytes = type === 'X' ? Math.ceil(repeat / 8) : repeat * ELEMENT_BYTES[type];
    columns.push({
      name: (header.getString(`TTYPE${n}`) ?? '').trim(),
      type,
      element: type === 'P' || type === 'Q' ? match[3].toUpperCase() : undefined,
      repeat,
      offset,
      bytes,
    });
    offset += bytes;
    if (!(offset <= rowBytes)) throw bad(`TFORM${n}`);
  }
  return { rowBytes, rows, columns, heapOffset: count('THEAP', rowBytes * rows) };
}

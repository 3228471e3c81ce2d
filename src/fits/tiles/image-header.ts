// The header of a tile-compressed image, as the image itself would have it (FITS 4.0, section 10.1.2).
import type { Card } from '../card.js';
import { FitsHeader } from '../header.js';

/** Keywords that describe the table, not the image. */
const OF_TABLE =
  /^(?:XTENSION|BITPIX|NAXIS\d*|PCOUNT|GCOUNT|TFIELDS|THEAP|CHECKSUM|DATASUM|ZIMAGE|ZCMPTYPE|ZMASKCMP|ZQUANTIZ|ZDITHER0|ZSCALE|ZZERO|T(?:TYPE|FORM|UNIT|DISP|NULL|SCAL|ZERO|DIM)\d+|Z(?:TILE|NAME|VAL)\d+)$/;

/** Z-keywords that stand for the image's own. */
const TRANSLATED: Readonly<Record<string, string>> = {
  ZBITPIX: 'BITPIX',
  ZSIMPLE: 'SIMPLE',
  ZTENSION: 'XTENSION',
  ZEXTEND: 'EXTEND',
  ZBLOCKED: 'BLOCKED',
  ZPCOUNT: 'PCOUNT',
  ZGCOUNT: 'GCOUNT',
  ZHECKSUM: 'CHECKSUM',
  ZDATASUM: 'DATASUM',
  ZBLANK: 'BLANK',
};

/** ZBLANK of a float image belongs to its quantisation and is not passed on. */
export function imageHeaderOf(table: FitsHeader): FitsHeader {
  const cards: Card[] = [];
  const isFloat = (table.getNumber('ZBITPIX') ?? 0) < 0;
  for (const card of table.cards) {
    if (OF_TABLE.test(card.key)) continue;
    if (card.key === 'EXTNAME' && card.value === 'COMPRESSED_IMAGE') continue;
    if (card.key === 'ZBLANK' && (isFloat || table.has('BLANK'))) continue;
    const key = /^ZNAXIS\d*$/.test(card.key) ? card.key.slice(1) : (TRANSLATED[card.key] ?? card.key);
    cards.push(key === card.key ? card : { ...card, key });
  }
  const first = cards.findIndex((card) => card.key === 'SIMPLE' || card.key === 'XTENSION');
  if (first < 0) cards.unshift({ key: 'XTENSION', value: 'IMAGE', comment: '' });
  else if (first > 0) cards.unshift(...cards.splice(first, 1));
  return new FitsHeader(cards);
}

// The header of one HDU: its cards in order, and look-up by keyword.
import { CARD_LENGTH, parseCard, parseFitsNumber, type Card, type CardValue } from './card.js';

/**
 * Cards in file order, without END; long strings (CONTINUE) are joined into the card that begins them. Look-up
 * ignores case; of a keyword that stands twice the first card counts, as in astropy and cfitsio.
 */
export class FitsHeader {
  readonly #byKey = new Map<string, Card>();

  constructor(readonly cards: readonly Card[]) {
    for (const card of cards) {
      if (card.value !== undefined && !this.#byKey.has(card.key)) this.#byKey.set(card.key, card);
    }
  }

  /** From header text, a multiple of 80 Latin-1 characters; reading stops at END. */
  static parse(text: string): FitsHeader {
    const cards: Card[] = [];
    for (let at = 0; at < text.length; at += CARD_LENGTH) {
      // NUL, tab, CR and LF are forbidden but common; as blanks they do no harm and positions stay.
      const card = parseCard(text.slice(at, at + CARD_LENGTH).replace(/[\0\t\r\n]/g, ' '));
      if (card.key === 'END' && card.value === undefined) break;
      const before = cards.at(-1);
      if (card.key === 'CONTINUE' && typeof before?.value === 'string' && before.value.endsWith('&')) {
        const tail = typeof card.value === 'string' ? card.value : '';
        const comment = [before.comment, card.comment].filter((part) => part !== '').join(' ');
        cards[cards.length - 1] = { key: before.key, value: before.value.slice(0, -1) + tail, comment };
      } else {
        cards.push(card);
      }
    }
    return new FitsHeader(cards);
  }

  has(key: string): boolean {
    return this.#byKey.has(key.toUpperCase());
  }

  /** The value of a keyword; undefined where the card is absent or has no value. */
  get(key: string): CardValue | undefined {
    return this.#byKey.get(key.toUpperCase())?.value;
  }

  /** A number; also one that stands in quotes, as some capture programs write it. */
  getNumber(key: string): number | undefined {
    const value = this.get(key);
    if (typeof value === 'number') return value;
    return typeof value === 'string' ? parseFitsNumber(value) : undefined;
  }

  getString(key: string): string | undefined {
    const value = this.get(key);
    return typeof value === 'string' ? value : undefined;
  }

  getBoolean(key: string): boolean | undefined {
    const value = this.get(key);
    return typeof value === 'boolean' ? value : undefined;
  }

  /** The lines of HISTORY or COMMENT cards, in order. */
  lines(key: 'HISTORY' | 'COMMENT'): string[] {
    return this.cards.filter((card) => card.key === key).map((card) => card.comment);
  }
}

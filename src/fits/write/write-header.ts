// One header on its way out: cards as text, with DATASUM and CHECKSUM put in when the data is known.
import { addToSum, encodeChecksum, joinSums } from '../checksum.js';
import { formatCard, type CardInput } from './format-card.js';
import { CARD_LENGTH } from '../card.js';
import { paddedLength } from '../read-header.js';

/** The bytes of a header whose data has the given sum (appendix J.1: sum of the whole HDU becomes -0). Blank cards ahead of END make it `least` bytes long, whole blocks, where it would be shorter. */
export function headerBytes(cards: readonly CardInput[], dataSum: number, least = 0): Uint8Array {
  const compose = (checksum: string) => {
    const all: CardInput[] = [
      ...cards,
      { key: 'DATASUM', value: String(dataSum).padStart(10, '0'), comment: 'data unit checksum' },
      { key: 'CHECKSUM', value: checksum, comment: 'HDU checksum' },
    ];
    const said = all.flatMap(formatCard).join('');
    const isShort = paddedLength(said.length + CARD_LENGTH) < least;
    const text = (isShort ? said.padEnd(least - CARD_LENGTH) : said) + 'END'.padEnd(CARD_LENGTH);
    return Buffer.from(text.padEnd(paddedLength(text.length)), 'latin1');
  };
  const unsigned = compose('0'.repeat(16));
  return compose(encodeChecksum(joinSums(addToSum(0, unsigned), dataSum)));
}

// Cards in and out: the standard's forms, the careless ones of real instruments, and the round trip.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCard } from '../../src/fits/card.js';
import { formatCard, type CardInput } from '../../src/fits/write/format-card.js';
import { FitsHeader } from '../../src/fits/header.js';

const header = (...cards: string[]) => FitsHeader.parse(cards.map((text) => text.padEnd(80)).join(''));

describe('reading cards', () => {
  it.each([
    ['SIMPLE  =                    T / standard', 'SIMPLE', true, 'standard'],
    ['EQUINOX = 2000.0 / free format', 'EQUINOX', 2000, 'free format'],
    ['EXPTIME = 060.00 / leading zero', 'EXPTIME', 60, 'leading zero'],
    ['TELALT  = +62.592', 'TELALT', 62.592, ''],
    ['CD1_1   =  -1.5D-05', 'CD1_1', -1.5e-5, ''],
    ['A       = 1.e3', 'A', 1000, ''],
    ['B       = .5', 'B', 0.5, ''],
    ["OBJECT  = 'O''Neil / x  ' / a / b", 'OBJECT', "O'Neil / x", 'a / b'],
    ["EMPTY   = ''", 'EMPTY', '', ''],
    ["OPEN    = 'no end of it", 'OPEN', 'no end of it', ''],
    ['DATE-OBS=2017-12-19T18:33:43 / no quotes', 'DATE-OBS', '2017-12-19T18:33:43', 'no quotes'],
    ['gain    =5', 'GAIN', 5, ''],
    ['UNDEF   =                      / nothing', 'UNDEF', undefined, 'nothing'],
    ['COMMENT   free = text', 'COMMENT', undefined, '  free = text'],
    ['HIERARCH ESO TEL  ALT = 12.5 / deg', 'ESO TEL ALT', 12.5, 'deg'],
    ['NOVALUE just text', 'NOVALUE', undefined, 'just text'],
  ])('%s', (text, key, value, comment) => {
    expect(parseCard(text.padEnd(80))).toEqual({ key, ...(value === undefined ? {} : { value }), comment });
  });

  it('joins CONTINUE, and keeps an orphan apart', () => {
    const cards = header(
      "LONG    = 'abc&'",
      "CONTINUE  'd''e&'",
      "CONTINUE  'f' / end",
      "CONTINUE  'orphan'",
    );
    expect(cards.get('long')).toBe("abcd'ef");
    expect(cards.cards.map((each) => each.key)).toEqual(['LONG', 'CONTINUE']);
  });

  it('reads NUL and line feeds as blanks', () => {
    expect(header('A       =                    7\n\0\0').getNumber('A')).toBe(7);
  });

  it('of a keyword that stands twice, the first counts', () => {
    expect(header('A       = 1', 'A       = 2').get('A')).toBe(1);
  });

  it('typed getters do not guess, but a number in quotes is one', () => {
    const cards = header("RA      = ' 31.5 '", "NAME    = 'x1'", 'N       = 3', 'HISTORY one', 'HISTORY two');
    expect(cards.getNumber('ra')).toBe(31.5);
    expect(cards.getNumber('NAME')).toBeUndefined();
    expect(cards.getString('N')).toBeUndefined();
    expect(cards.getBoolean('N')).toBeUndefined();
    expect(cards.lines('HISTORY')).toEqual(['one', 'two']);
  });
});

describe('writing cards', () => {
  it('lays values out in fixed format', () => {
    expect(formatCard({ key: 'naxis', value: 2, comment: 'axes' })).toEqual([
      'NAXIS   =                    2 / axes'.padEnd(80),
    ]);
    expect(formatCard({ key: 'A', value: 1e-30 })[0]).toContain('1.0E-30');
    expect(formatCard({ key: 'OBJECT', value: 'M1' })[0].trimEnd()).toBe("OBJECT  = 'M1      '");
  });

  it('takes accents off and keeps to ASCII', () => {
    expect(formatCard({ key: 'OBJECT', value: 'Hélène 星' })[0]).toContain("'Helene ?'");
  });

  it.each<CardInput>([
    { key: 'A', value: NaN },
    { key: 'A', value: Infinity },
    { key: 'bad=key', value: 1 },
    { key: 'X'.repeat(60), value: 1 },
  ])('refuses $key = $value', (input) => {
    expect(() => formatCard(input)).toThrow(expect.objectContaining({ code: 'fits_bad_card' }));
  });

  it('whatever is written reads back the same', () => {
    const key = fc
      .stringMatching(/^[A-Z][A-Z0-9_-]{0,7}$/)
      .filter((name) => !['END', 'COMMENT', 'HISTORY', 'CONTINUE', 'HIERARCH'].includes(name));
    const longKey = fc.stringMatching(/^[A-Z]{2,8}( [A-Z0-9_-]{1,8}){1,3}$/);
    const text = fc
      .string({ unit: fc.constantFrom(...'ab \'"/&=,;12'), maxLength: 400, size: 'max' })
      // Trailing blanks mean nothing in FITS.
      .map((value) => value.trimEnd());
    const value = fc.oneof(
      text,
      fc.boolean(),
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    );
    fc.assert(
      fc.property(fc.oneof(key, longKey), value, (name, content) => {
        const lines = formatCard({ key: name, value: content, comment: 'c' });
        for (const line of lines) {
          expect(line).toMatch(/^[\x20-\x7e]{80}$/);
          // Strings close on their own card.
          expect(line.split("'").length % 2).toBe(1);
        }
        const back = FitsHeader.parse(lines.join(''));
        expect(back.cards.length).toBe(1);
        expect(back.get(name)).toBe(content);
      }),
      { seed: 20261122, numRuns: 500 },
    );
  });
});

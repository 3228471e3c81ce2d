import { describe, expect, it } from 'vitest';
import { formatNumber } from '../../src/report/format-number.js';
import { LANGUAGES } from '../../src/report/language.js';
import { makeMessages } from '../../src/report/make-messages.js';
import { randomStream } from '../../src/demo/random.js';

const EDGES = [
  ...[0, -0, 1, -1, 0.5, 1.5, 2.5, -0.5, 0.05, 0.005, 1.005, 1.45, 8.345, 0.0005, 0.00049, 1e-7, 5e-324],
  ...[9.5, 9.995, 99.95, 999.5, 999.9995, 1000, 1234.5, 9999, 9999.9996, 10000, 12345.678, 999999.9995],
  ...[1e15, 123456789012345.67, 2 ** 53, 1e21, 1.5e22, 1.7976931348623157e308, NaN, Infinity, -Infinity],
];

describe.each(LANGUAGES)('numbers in %s', (language) => {
  const random = randomStream(7);
  const numbers = [
    ...EDGES,
    ...Array.from({ length: 3000 }, () => (random.uniform() - 0.5) * 10 ** (20 * random.uniform() - 8)),
    // halves of the last digit shown
    ...Array.from({ length: 500 }, () => Math.round(1e5 * random.uniform()) / 1e3 + 0.0005),
  ];

  it.each([
    ['as texts have them', {}, {}],
    ['without fraction', { mostFraction: 0 }, { maximumFractionDigits: 0 }],
    ['up to one digit', { mostFraction: 1 }, { maximumFractionDigits: 1 }],
    ['up to six digits', { mostFraction: 6 }, { maximumFractionDigits: 6 }],
    [
      'always two digits',
      { leastFraction: 2, mostFraction: 2 },
      { minimumFractionDigits: 2, maximumFractionDigits: 2 },
    ],
    ['three digits in all', { mostSignificant: 3 }, { maximumSignificantDigits: 3 }],
  ])('%s', (_, digits, options) => {
    const { format } = new Intl.NumberFormat(language, options);
    expect(numbers.map((value) => formatNumber(language, value, digits))).toEqual(numbers.map(format));
  });

  it('in texts, in plurals and with a style of their own', () => {
    const text = '{n, number} {n, plural, one {# x} other {# y}} {n, number, ::percent} {n}';
    const said = makeMessages(language, { text }).t('text', { n: 1234.5678 });
    const of = (options?: Intl.NumberFormatOptions) =>
      new Intl.NumberFormat(language, options).format(1234.5678);
    expect(said).toBe(`${of()} ${of()} y ${of({ style: 'percent' })} 1234.5678`);
  });
});

// The seven catalogues: complete, used, equal in their placeholders, well formed, and really translated; and no
// sentence for users outside them.
import { IntlMessageFormat } from 'intl-messageformat';
import { describe, expect, it } from 'vitest';
import { choiceKey } from '../../src/config/choice-key.js';
import { CONFIG_ROWS } from '../../src/config/table.js';
import { CONFIG_GROUPS } from '../../src/config/row.js';
import { LANGUAGES, type Language } from '../../src/report/language.js';
import { createMessages, loadCatalogue, type Catalogue } from '../../src/report/messages.js';
import { scanSources, scanText } from './source-scan.js';

const catalogues = Object.fromEntries(
  LANGUAGES.map((language) => [language, loadCatalogue(language)]),
) as Record<Language, Catalogue>;
const keys = Object.keys(catalogues.en);
const scan = scanSources();
const TRANSLATIONS = LANGUAGES.filter((language) => language !== 'en');

type MessageFormatElement = ReturnType<IntlMessageFormat['getAst']>[number];

/** The parser's marks for kinds of elements; its enum is not exported by intl-messageformat. */
const TYPE = { literal: 0, select: 5, plural: 6, pound: 7 } as const;

const elementsOf = (text: string): MessageFormatElement[] =>
  new IntlMessageFormat(text, 'en', undefined, { ignoreTag: true }).getAst();

/** Names of the placeholders, with the choices of selects, in any order. */
function placeholders(elements: readonly MessageFormatElement[]): string[] {
  const found = new Set<string>();
  for (const element of elements) {
    if (element.type === TYPE.literal || element.type === TYPE.pound) continue;
    if (element.type === TYPE.select)
      found.add(`${element.value}:${Object.keys(element.options).sort().join('|')}`);
    else found.add(element.value);
    if (element.type === TYPE.select || element.type === TYPE.plural)
      for (const option of Object.values(element.options))
        for (const name of placeholders(option.value)) found.add(name);
  }
  return [...found].sort();
}

/** The words of a message without its placeholders. */
function words(elements: readonly MessageFormatElement[]): string {
  return elements
    .map((element) => {
      if (element.type === TYPE.literal) return element.value;
      if (element.type === TYPE.select || element.type === TYPE.plural)
        return Object.values(element.options)
          .map((option) => words(option.value))
          .join(' ');
      return '';
    })
    .join('');
}

describe('catalogues', () => {
  it.each(TRANSLATIONS)('%s has the keys of English, no more and no fewer', (language) => {
    expect(Object.keys(catalogues[language])).toEqual(keys);
  });

  it.each(LANGUAGES)('%s parses, is not empty and has no stray blanks', (language) => {
    const bad = Object.entries(catalogues[language]).filter(([, text]) => {
      elementsOf(text);
      return text.trim() === '' || text !== text.trim();
    });
    expect(bad).toEqual([]);
  });

  it.each(TRANSLATIONS)('%s has the placeholders and choices of English', (language) => {
    const differing = keys.filter(
      (key) =>
        placeholders(elementsOf(catalogues[language][key])).join() !==
        placeholders(elementsOf(catalogues.en[key])).join(),
    );
    expect(differing).toEqual([]);
  });

  it.each(TRANSLATIONS)('%s has no sentence left in English', (language) => {
    const same = keys.filter((key) => {
      const english = words(elementsOf(catalogues.en[key]));
      return (
        // Names of keys and of options are no words of a language.
        (english.replace(/\S*[_-]\S*/g, '').match(/\p{L}{2,}/gu) ?? []).length >= 3 &&
        words(elementsOf(catalogues[language][key])) === english
      );
    });
    expect(same).toEqual([]);
  });

  it.each(LANGUAGES)('%s covers the plural forms of its language', (language) => {
    const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
    const gaps: string[] = [];
    const look = (key: string, elements: readonly MessageFormatElement[]): void => {
      for (const element of elements) {
        if (element.type !== TYPE.select && element.type !== TYPE.plural) continue;
        // "many" of French and Spanish is for millions, and "other" says the same there.
        if (element.type === TYPE.plural)
          for (const form of forms)
            if (form !== 'many' && !(form in element.options)) gaps.push(`${key}: ${form}`);
        for (const option of Object.values(element.options)) look(key, option.value);
      }
    };
    for (const [key, text] of Object.entries(catalogues[language])) look(key, elementsOf(text));
    // Polish quantities after "of" have one form beyond the singular.
    expect(gaps.filter((gap) => !(language === 'pl' && gap.startsWith('report_run_finished')))).toEqual([]);
  });

  it('has the texts of the teardown switch as the product names them', () => {
    const key = 'qt_field_cleanup_temp_artifacts';
    expect(catalogues.en[key]).toBe('Delete temporary processing files after run');
    expect(catalogues.fr[key]).toBe('Supprimer les fichiers temporaires de traitement après l’exécution');
    expect(new Set(LANGUAGES.map((language) => catalogues[language][key])).size).toBe(7);
  });

  it('counts as Polish counts', () => {
    const { t } = createMessages('pl');
    expect([1, 2, 5, 22].map((count) => t('report_unit_frames', { count }))).toEqual([
      '1 klatka',
      '2 klatki',
      '5 klatek',
      '22 klatki',
    ]);
  });
});

describe('keys in the source', () => {
  const derived = new Set([
    ...CONFIG_ROWS.flatMap((row) => [row.helpKey, row.patternRule]),
    ...CONFIG_GROUPS.map((group) => `config_group_${group}`),
    // Languages go by their own names.
    ...CONFIG_ROWS.filter(({ kind, key }) => kind === 'choice' && key !== 'language')
      .flatMap(({ schema }) => schema.enum as readonly string[])
      .map(choiceKey),
    choiceKey('auto'),
  ]);

  it('each key that the source names has a text', () => {
    const missing = [...scan.keys].filter(([key]) => /^[a-z]+(_[a-z0-9]+)+$/.test(key) && !keys.includes(key));
    expect(missing).toEqual([]);
  });

  it('each key that the table derives has a text', () => {
    expect([...derived].filter((key) => key !== '' && !keys.includes(key))).toEqual([]);
  });

  it('each text is used', () => {
    const prefixes = [...scan.prefixes].filter((prefix) => /^[a-z]+_[a-z0-9_]*$/.test(prefix));
    const unused = keys.filter(
      (key) =>
        !scan.literals.has(key) &&
        !derived.has(key) &&
        !prefixes.some((prefix) => key.startsWith(prefix)),
    );
    expect(unused).toEqual([]);
  });
});

describe('sentences in the source', () => {
  it('finds what it looks for', () => {
    const text = [
      "console.log('Reading the file');",
      "process.stderr.write(`Found ${n} usable frames\\n`);",
      "throw new Error('kappa must be positive');",
      "throw new RangeError('an empty list has no median');",
      "throw new CodedError('fits_truncated', { note: 'inner value text' });",
    ].join('\n');
    const found = scanText('x.ts', text);
    expect(found.sentences.map((sentence) => sentence.slice(0, 7))).toEqual(['x.ts:1:', 'x.ts:2:', 'x.ts:3:']);
    expect(found.keys).toContainEqual(['fits_truncated', 'x.ts:5']);
  });

  it('there is none outside the catalogues', () => {
    expect(scan.sentences).toEqual([]);
  });
});

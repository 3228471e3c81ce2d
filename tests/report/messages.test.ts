import { describe, expect, it } from 'vitest';
import { CodedError } from '../../src/errors.js';
import { describeRejection } from '../../src/report/describe-event.js';
import { chooseLanguage, languageOf } from '../../src/report/language.js';
import { createMessages, printable } from '../../src/report/messages.js';
import { codedMessageOf, renderError } from '../../src/report/render-error.js';

describe('language', () => {
  it.each([
    ['fr', 'fr'],
    ['fr_CA.UTF-8', 'fr'],
    ['PL-pl', 'pl'],
    ['C', undefined],
    ['C.UTF-8', undefined],
    ['it_IT', undefined],
    ['english', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s means %s', (locale, language) => {
    expect(languageOf(locale)).toBe(language);
  });

  it.each([
    [['de', 'fr'], { LANG: 'es_ES' }, 'de'],
    [[undefined, 'auto', 'nl'], {}, 'nl'],
    [['auto'], { LC_ALL: 'is_IS', LC_MESSAGES: 'pl_PL', LANG: 'es_ES' }, 'is'],
    [[], { LC_MESSAGES: 'pl_PL', LANG: 'es_ES' }, 'pl'],
    [[], { LC_ALL: '', LANG: 'es_ES' }, 'es'],
    [[], { LC_ALL: 'C', LANG: 'es_ES' }, 'en'],
    [[], {}, 'en'],
  ])('%j with %j speaks %s', (chosen, env, language) => {
    expect(chooseLanguage(chosen, env)).toBe(language);
  });
});

describe('texts', () => {
  const catalogue = { greet: 'Hi {name}, <b> {n, plural, one {# file} other {# files}}', plain: 'A B' };
  const { t, bytes, duration } = createMessages('en', catalogue);

  it('fills placeholders and leaves tags alone', () => {
    expect(t('greet', { name: 'Ann', n: 1200 })).toBe('Hi Ann, <b> 1,200 files');
    expect(t('plain')).toBe('A B');
  });

  it('a key without a text shows itself and its values', () => {
    expect(t('nope')).toBe('nope');
    expect(t('nope', { a: 1 })).toBe('nope {"a":1}');
    expect(t('toString')).toBe('toString');
  });

  it('a file name cannot steer the terminal', () => {
    expect(t('greet', { name: 'x\u001b[31m\n\u202ey', n: 1 })).toBe('Hi x\\x1b[31m\\x0a\\u202ey, <b> 1 file');
    expect(printable('naïve → 星.fits')).toBe('naïve → 星.fits');
  });

  it.each([
    [0, '0 B'],
    [1023, '1,020 B'],
    [1024, '1 KiB'],
    [1_572_864, '1.5 MiB'],
    [12 * 1024 ** 3, '12 GiB'],
    [5 * 1024 ** 6, '5,120 PiB'],
  ])('%d bytes are %s', (count, text) => {
    expect(bytes(count)).toBe(text);
  });

  it.each([
    [340.4, '340 ms'],
    [2500, '2.5 s'],
    [125_000, '2 min 5 s'],
    [119_999, '2 min 0 s'],
    [59_960, '1 min 0 s'],
    [3_599_900, '1 h 0 min'],
    [3_600_000, '1 h 0 min'],
    [90 * 60_000, '1 h 30 min'],
  ])('%d ms are %s', (milliseconds, text) => {
    expect(duration(milliseconds)).toBe(text);
  });
});

describe('files that are not used', () => {
  it('are named once, whether or not the reason names them', () => {
    const told = (code: string, params: Record<string, string>) =>
      describeRejection('/in/a.fits', { code, params }, createMessages('en'));
    expect(told('fits_not_fits', { file: '/in/a.fits' })).toBe(
      'Not used: /in/a.fits is not a FITS file: it does not begin with SIMPLE.',
    );
    const copy = 'Not used: /in/a.fits: /tmp/b.fits is not a FITS file: it does not begin with SIMPLE.';
    expect(told('fits_not_fits', { file: '/tmp/b.fits' })).toBe(copy);
    expect(told('frames_reject_gone', {})).toMatch(/^Not used: \/in\/a\.fits: /);
    expect(told('fits_empty_file', { file: '/in/a.fits' })).toMatch(/^Not used: \/in\/a\.fits is empty/);
    expect(
      describeRejection(
        '/a\n.fits',
        { code: 'fits_empty_file', params: { file: '/a\n.fits' } },
        createMessages('en'),
      ),
    ).toMatch(/^Not used: \/a\\x0a\.fits is empty/);
    expect(told('frames_reject_path_unreadable', { path: '/in/a.fits', reason: 'ENOENT' })).toBe(
      'Not used: /in/a.fits: it cannot be read (ENOENT); it was passed over.',
    );
  });
});

describe('messages', () => {
  const messages = createMessages('en');

  it('tell what lies behind them', () => {
    const because = { code: 'fits_not_fits', params: { file: '/in/a.fits' } };
    const params = { path: '/in/a.fits', kind: 'dark' };
    expect(messages.message({ code: 'calibration_unreadable', params, because })).toBe(
      '/in/a.fits is not used as a dark: /in/a.fits is not a FITS file: it does not begin with SIMPLE.',
    );
  });

  it.each([
    [1, 10, 10, 'sds: 1 stack of 10 frames'],
    [2, 5, 5, 'sds: 2 stacks of 5 frames each'],
    [3, 1, 1, 'sds: 3 stacks of 1 frame each'],
    [2, 4, 6, 'sds: 2 stacks of 4 to 6 frames'],
  ])('%d stacks of %d to %d frames', (groups, least, most, text) => {
    const even = least === most ? 'yes' : 'no';
    expect(messages.t('pipeline_groups', { mode: 'sds', groups, least, most, even })).toBe(text);
  });
});

describe('errors', () => {
  const messages = createMessages('en');

  it('coded ones in their own words, with one line for each detail', () => {
    const error = Object.assign(new CodedError('config_invalid', { count: 2 }), {
      details: [
        { code: 'cli_config_saved', params: { path: '/a' } },
        { code: 'cli_config_saved', params: { path: '/b' } },
      ],
    });
    expect(renderError(error, messages)).toBe(
      '2 values of the configuration are wrong:\n  - Saved: /a\n  - Saved: /b',
    );
  });

  it('those of the system with what to do', () => {
    const full = Object.assign(new Error('x'), { code: 'ENOSPC', syscall: 'write', path: '/out/a.fits' });
    expect(renderError(full, messages)).toBe(
      '/out/a.fits: the disk is full; make room or choose another disk (ENOSPC).',
    );
    const odd = Object.assign(new Error('x'), { code: 'EXDEV', syscall: 'rename' });
    expect(renderError(odd, messages)).toBe('rename: the system reports an error (EXDEV).');
  });

  it('a full disk as such, whatever it has kept from being written', () => {
    const cause = Object.assign(new Error('x'), { code: 'ENOSPC', syscall: 'write' });
    const told = '/out/a.fits: the disk is full; make room or choose another disk (ENOSPC).';
    const inner = new CodedError('fits_cannot_write', { file: '/tmp/b', reason: 'ENOSPC' }, { cause });
    for (const error of [
      new CodedError('output_write_failed', { path: '/out/a.fits', reason: 'x' }, { cause }),
      new CodedError('fits_cannot_write', { file: '/out/a.fits', reason: 'ENOSPC' }, { cause }),
      new CodedError('output_write_failed', { path: '/out/a.fits', reason: 'x' }, { cause: inner }),
    ])
      expect(renderError(error, messages)).toBe(told);
    const missing = { directory: '/out', neededMib: 9, freeMib: 1 };
    expect(codedMessageOf(new CodedError('cleanup_disk_space', missing, { cause })).params).toEqual(missing);
    const denied = Object.assign(new Error('x'), { code: 'EACCES', syscall: 'open' });
    const refused = new CodedError('fits_cannot_write', { file: '/a', reason: 'EACCES' }, { cause: denied });
    expect(codedMessageOf(refused).code).toBe('fits_cannot_write');
  });

  it('others as faults of the program', () => {
    expect(codedMessageOf(new TypeError('a is undefined'))).toEqual({
      code: 'report_error_unexpected',
      params: { name: 'TypeError', detail: 'a is undefined' },
    });
    expect(codedMessageOf('text')).toMatchObject({ params: { name: 'string', detail: 'text' } });
  });
});

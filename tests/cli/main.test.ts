import { describe, expect, it } from 'vitest';
import { CONFIG_ROWS } from '../../src/config/table.js';
import { LANGUAGES } from '../../src/report/language.js';
import { COMMANDS } from '../../src/cli/main.js';
import { runMain } from './fake-host.js';

describe('help', () => {
  it('lists the commands and the exit codes', async () => {
    const { code, out, err } = await runMain(['--help']);
    expect([code, err]).toEqual([0, '']);
    for (const { name } of COMMANDS) expect(out).toContain(`zemosaic ${name.split(' ')[0]}`);
    expect(out.replace(/\s+/g, ' ')).toContain('130 stopped by Ctrl-C; 143 stopped by SIGTERM.');
  });

  it('of run names every option of the table, by group', async () => {
    const { out } = await runMain(['run', '--help']);
    for (const row of CONFIG_ROWS) expect(out, row.key).toContain(`--${row.option}`);
    expect(out).toContain('System resources & cache:');
    expect(out).toContain('--keep-temp');
    expect(out).toContain('Delete temporary processing files after run');
  });

  it('is asked for by the word as by the option', async () => {
    for (const command of ['run', 'plan', 'config show']) {
      const words = command.split(' ');
      expect(await runMain([...words, 'help'])).toEqual(await runMain([...words, '--help']));
    }
  });

  it.each(LANGUAGES)('speaks %s throughout', async (language) => {
    const { out } = await runMain(['run', '--help', '--lang', language]);
    const english = ['Options:', 'choices:', 'default:', 'boolean', 'Show help', 'aliases:', 'Positionals:'];
    const expected = language === 'en' ? ['Options:', 'choices:', 'default:'] : [];
    expect(english.filter((word) => out.includes(word))).toEqual(expected);
    expect(out).not.toMatch(/config_|cli_[a-z]/);
  });

  it('follows LANG, and French says the switch as it must', async () => {
    const { out } = await runMain(['run', '--help'], { env: { LANG: 'fr_FR.UTF-8' } });
    expect(out.replace(/\s+/g, ' ')).toContain(
      'Supprimer les fichiers temporaires de traitement après l’exécution',
    );
  });

  it('without a command it is shown as an error of use', async () => {
    const { code, out, err } = await runMain([]);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain('zemosaic run [folder]');
    expect((await runMain(['config'])).err).toContain('zemosaic config import <file>');
  });

  it('the version', async () => {
    expect(await runMain(['--version'])).toMatchObject({ code: 0, out: '1.2.3\n' });
  });
});

describe('what cannot be obeyed ends with code 2 and the way out', () => {
  it.each([
    ['rnu', 'rnu is no command. Did you mean run?', 'zemosaic --help'],
    ['config shwo', 'shwo is no command. Did you mean show?', 'zemosaic config --help'],
    [
      'run a -o b --kapa-low 3',
      '--kapa-low is no option here. Did you mean --kappa-low?',
      'zemosaic run --help',
    ],
    ['run a -o b --no-cleanup-temp', '--no-cleanup-temp is no option', 'zemosaic run --help'],
    ['run a -o b -z', '-z is no option here.', 'zemosaic run --help'],
    ['run a b -o c', '"b" is one word too many', 'zemosaic run --help'],
    ['inspect', 'the command is: zemosaic inspect <file>', 'zemosaic inspect --help'],
    ['run a -o b --kappa-low', '--kappa-low needs a value.', 'zemosaic run --help'],
    ['run -o b', 'No folder of exposures is given', 'zemosaic run --help'],
    ['plan a', 'No folder for the mosaic is given', 'zemosaic plan --help'],
    ['run a -o b --keep-temp --cleanup-temp-artifacts', 'contradict each other', 'zemosaic run --help'],
    ['run a -o b --input-dir c', 'a and --input-dir contradict each other', 'zemosaic run --help'],
  ])('%s', async (line, text, help) => {
    const { code, out, err } = await runMain(line.split(' '));
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(text);
    expect(err).toContain(`See: ${help}\n`);
  });

  it('all wrong values at once', async () => {
    const { code, err } = await runMain(
      ['run', 'a', '-o', 'b', '--kappa-low', '-3', '--memory', 'much', '--level-match-order=9'],
      { env: { ZEMOSAIC_BACKEND: 'cuda' } },
    );
    expect(code).toBe(2);
    expect(err.split('\n')).toEqual([
      'Error: 4 values of the configuration are wrong:',
      '  - ZEMOSAIC_BACKEND must be one of auto, webgpu, wasm, gpujs, reference; got "cuda". Choose one of them, or leave it out for "auto".',
      '  - --memory-budget-mb must be a whole number, got "much". Correct it, or leave it out for "1536".',
      '  - --level-match-order must be at most 2, got 9. Give a smaller number, or leave it out for "2".',
      '  - --kappa-low must be > 0, got -3. Give a larger number, or leave it out for "3".',
      '',
    ]);
  });

  it('a configuration file that is not there', async () => {
    const { code, err } = await runMain(['config', 'show', '--config', '/no/such.json']);
    expect(code).toBe(2);
    expect(err).toContain('/no/such.json cannot be read (ENOENT)');
  });

  it('with --json the error is an object too', async () => {
    const { out } = await runMain(['run', '--json']);
    expect(JSON.parse(out)).toMatchObject({ type: 'error', code: 'cli_input_missing' });
  });

  it('in the language asked for, even when the command line is wrong', async () => {
    expect((await runMain(['rnu', '--lang=de'])).err).toContain('War run gemeint?');
    expect((await runMain(['rnu'], { env: { ZEMOSAIC_LANGUAGE: 'nl' } })).err).toContain('Bedoelde u run?');
  });
});

describe('completion', () => {
  it('prints a script, and completes options and their choices', async () => {
    expect((await runMain(['completion'])).out).toContain('_zemosaic_yargs_completions');
    const options = await runMain(['--get-yargs-completions', 'zemosaic', 'run', '--ba']);
    expect(options.out.split('\n')).toContain('--backend');
    const choices = await runMain(['--get-yargs-completions', 'zemosaic', 'run', '--backend', '']);
    expect(choices.out.split('\n')).toContain('webgpu');
  });
});

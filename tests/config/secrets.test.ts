// What is secret stays out of what others can read: command lines, screens, the window's page and the state that stands beside a mosaic.
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { loadForm, masked, saveForm } from '../../src/gui/server/form.js';
import { commandLine } from '../../src/gui/server/program.js';
import type { WindowSession } from '../../src/gui/server/session.js';
import { settingsOf } from '../../src/pipeline/incremental/increment-state.js';
import { configOf } from '../end-to-end/support.js';
import { runMain } from '../cli/fake-host.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const folder = temporaryFolder();
const KEY = 'qwertzuiop';

it('the window hands a key over in the environment, and not on the command line', async () => {
  const session = {
    configFile: path.join(folder(), 'none.json'),
    options: { surroundings: { env: {} } },
  } as unknown as WindowSession;
  const values = { input_dir: '/a', output_dir: '/b', astrometry_api_key: KEY };
  const { argv, env } = await commandLine(session, 'run', values);
  expect(argv).toContain('--input-dir=/a');
  expect(argv.join(' ')).not.toContain(KEY);
  expect(env).toEqual({ ZEMOSAIC_ASTROMETRY_API_KEY: KEY });
});

it('the state beside a mosaic knows no key, nor does another one keep frames from being added', () => {
  const config = configOf({ input_dir: '/a', output_dir: '/b', astrometry_api_key: KEY });
  expect(JSON.stringify(settingsOf(config))).not.toContain(KEY);
});

it('config show says that a key is set, and not which', async () => {
  const env = { ZEMOSAIC_ASTROMETRY_API_KEY: KEY };
  for (const argv of [
    ['config', 'show'],
    ['config', 'show', '--json', 'astrometry_api_key'],
  ]) {
    const { out, err } = await runMain(argv, { env, homeDir: folder() });
    expect(out).toContain('***');
    expect(out + err).not.toContain(KEY);
  }
});

describe('the form of the window', () => {
  const file = () => path.join(folder(), 'config.json');
  const stored = async (): Promise<unknown> =>
    (JSON.parse(await readFile(file(), 'utf8')) as Record<string, unknown>).astrometry_api_key;
  beforeEach(() => writeFile(file(), JSON.stringify({ astrometry_api_key: KEY })));

  it('never holds the key; saved as it came, the file keeps the one that it has', async () => {
    const { values } = masked(await loadForm(file(), {}));
    expect(JSON.stringify(values)).not.toContain(KEY);
    await saveForm(file(), { ...values, output_name: 'm31' }, file());
    expect(await stored()).toBe(KEY);
  });

  it('takes the key along to another file, replaces it and clears it', async () => {
    const { values } = masked(await loadForm(file(), {}));
    const other = path.join(folder(), 'other.json');
    await saveForm(other, values, file());
    expect(await readFile(other, 'utf8')).toContain(KEY);
    await saveForm(file(), { ...values, astrometry_api_key: 'new' }, file());
    expect(await stored()).toBe('new');
    await saveForm(file(), { ...values, astrometry_api_key: '' }, file());
    expect(await stored()).toBe('');
  });

  it('hands the stored key to a run by its file, and does not write one of the environment into it', async () => {
    const env = { ZEMOSAIC_ASTROMETRY_API_KEY: 'of the environment' };
    const session = {
      configFile: file(),
      options: { surroundings: { env: {} } },
    } as unknown as WindowSession;
    const { values } = masked(await loadForm(file(), {}));
    const given = await commandLine(session, 'run', { ...values, input_dir: '/a', output_dir: '/b' });
    expect([given.config.astrometry_api_key, given.env]).toEqual([KEY, {}]);
    await saveForm(file(), masked(await loadForm(file(), env)).values, file());
    expect(await stored()).toBe(KEY);
  });
});

// What is secret stays out of what others can read: command lines, screens, the window's page and the state that stands beside a mosaic.
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { BackendInfo } from '../../src/compute/backend.js';
import { ConfigInvalidError } from '../../src/config/errors.js';
import { withoutSecrets } from '../../src/config/secrets.js';
import type { RunConfig } from '../../src/config/table.js';
import { loadForm, masked, saveForm } from '../../src/gui/server/form.js';
import { commandLine } from '../../src/gui/server/program.js';
import type { WindowSession } from '../../src/gui/server/session.js';
import { settingsOf } from '../../src/pipeline/incremental/increment-state.js';
import { resumeKey } from '../../src/pipeline/resume/resume-key.js';
import { configOf } from '../end-to-end/support.js';
import { runMain } from '../cli/fake-host.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const folder = temporaryFolder();
const KEY = 'qwertzuiop';
const USER_URL = 'https://me:hunter2@h/api/';
const pick = ({ astrometry_api_key, astrometry_api_url, astrometry_local_path }: RunConfig) => ({
  astrometry_api_key,
  astrometry_api_url,
  astrometry_local_path,
});

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
  const address = await commandLine(session, 'run', { ...values, astrometry_api_url: USER_URL });
  expect(address.argv.join(' ')).not.toContain('hunter2');
  expect(address.env).toMatchObject({ ZEMOSAIC_ASTROMETRY_API_URL: USER_URL });
});

it('reports and what a resume goes by know neither key nor password', async () => {
  const config = configOf({
    astrometry_api_key: KEY,
    astrometry_api_url: USER_URL,
    astrometry_local_path: USER_URL,
  });
  const kept = withoutSecrets(config);
  expect(kept).toMatchObject({
    astrometry_api_key: '***',
    astrometry_api_url: 'https://***@h/api/',
    astrometry_local_path: 'https://***@h/api/',
  });
  expect({ ...kept, ...pick(config) }).toEqual(config);
  const key = resumeKey('p', config, { name: 'wasm', device: 'd' } as BackendInfo, []);
  expect(JSON.stringify(key)).not.toMatch(/hunter2|qwertz/);
});

it.each([
  ['astrometry_api_key', 'k'.repeat(201), '"***"'],
  ['astrometry_api_url', 'https://me:hunter2@', '"https://***@"'],
  ['astrometry_api_url', 'https://me:hunter2@[', '"https://***@["'],
  ['astrometry_local_path', 'http://me:hunter2@h:99999', '"http://***@h:99999"'],
  ['astrometry_api_url', 'https://h/api?key=1', '"https://h/api?key=1"'],
  ['astrometry_api_url', 'https://me:50%@h/', '"https://***@h/"'],
] as const)('what is wrong with %s is told without the secret: %s', (key, value, shown) => {
  let error: unknown;
  try {
    configOf({ [key]: value });
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(ConfigInvalidError);
  expect((error as ConfigInvalidError).details).toMatchObject([{ key, params: { value: shown } }]);
});

it('the state beside a mosaic knows no key, nor does another one keep frames from being added', () => {
  const config = configOf({ input_dir: '/a', output_dir: '/b', astrometry_api_key: KEY });
  expect(JSON.stringify(settingsOf(config))).not.toContain(KEY);
});

it('config show says that a key is set, and not which, and where a server is, and not for whom', async () => {
  const env = { ZEMOSAIC_ASTROMETRY_API_KEY: KEY, ZEMOSAIC_ASTROMETRY_API_URL: USER_URL };
  for (const argv of [
    ['config', 'show'],
    ['config', 'show', '--json', 'astrometry_api_key', 'astrometry_api_url'],
  ]) {
    const { out, err } = await runMain(argv, { env, homeDir: folder() });
    expect(out).toContain('***');
    expect(out).toContain('https://***@h/api/');
    expect(out + err).not.toContain(KEY);
    expect(out + err).not.toContain('hunter2');
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

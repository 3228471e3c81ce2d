// What is secret stays out of what others can read: command lines and the state that stands beside a mosaic.
import path from 'node:path';
import { expect, it } from 'vitest';
import { commandLine } from '../../src/gui/server/program.js';
import type { WindowSession } from '../../src/gui/server/session.js';
import { settingsOf } from '../../src/pipeline/incremental/increment-state.js';
import { configOf } from '../end-to-end/support.js';
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

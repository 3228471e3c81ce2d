// The Deno under which the tests go through a second WGSL compiler. It is fetched once, from npm, when its tests are first run: nobody who only runs the
// program needs its 92 MB, and where it cannot run (musl, some systems) everything else installs all the same.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { npmStatus } from './ensure-installed.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Its package.json and lock file say which Deno; node_modules beside them holds it. */
const FOLDER = 'tests/gpu/deno/runtime';

/**
 * Path of a Deno, ZEMOSAIC_DENO where that is set, or the reason why there is none here.
 * @returns {{ program: string, reason?: undefined } | { program?: undefined, reason: string }}
 */
export function denoProgram() {
  const named = process.env.ZEMOSAIC_DENO;
  if (named)
    return existsSync(named) ? { program: named } : { reason: `there is no ${named} (ZEMOSAIC_DENO)` };
  const installed = path.join(root, FOLDER, 'node_modules/deno');
  const program = path.join(installed, process.platform === 'win32' ? 'deno.exe' : 'deno');
  if (versionIn(installed) !== versionWanted() || !existsSync(program)) {
    const words = ['ci', '--prefix', FOLDER, '--no-audit', '--no-fund', '--fetch-retries=1'];
    if (npmStatus(...words) !== 0) return { reason: `npm ${words.slice(0, 3).join(' ')} failed` };
    // where npm runs no install scripts, the first start does their work
    if (!existsSync(program)) spawnSync(process.execPath, [path.join(installed, 'bin.cjs'), '--version']);
    if (!existsSync(program))
      return { reason: `npm installed no ${path.basename(program)} for this machine` };
  }
  return { program };
}

const json = (file) => JSON.parse(readFileSync(file, 'utf8'));
const versionWanted = () => json(path.join(root, FOLDER, 'package.json')).dependencies.deno;
const versionIn = (folder) => {
  const file = path.join(folder, 'package.json');
  return existsSync(file) ? json(file).version : undefined;
};

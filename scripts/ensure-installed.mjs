// Installs what package-lock.json names when node_modules lacks it. Needs nothing but Node; runs before everything else.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

// Not import.meta.dirname: an old Node must get as far as npm, which says what Node it needs.
const root = fileURLToPath(new URL('..', import.meta.url));

const packagesOf = (file) => JSON.parse(readFileSync(path.join(root, file), 'utf8')).packages;

/** Whether every package of the lock file is installed in its version (those for other machines may be missing). */
export function isInstalled() {
  // npm writes down there what it has installed.
  const installed = 'node_modules/.package-lock.json';
  if (!existsSync(path.join(root, installed))) return false;
  const present = packagesOf(installed);
  return Object.entries(packagesOf('package-lock.json')).every(
    ([folder, { version, optional }]) => folder === '' || optional || present[folder]?.version === version,
  );
}

/** How npm is called with these words: the program, its words, and options for spawning it. */
export function npmCommand(...words) {
  // Under `npm start` this names the npm that is running; elsewhere the one on the path.
  const running = process.env.npm_execpath;
  return running && /\.[cm]?js$/.test(running)
    ? [process.execPath, [running, ...words], {}]
    : ['npm', words, { shell: process.platform === 'win32' }];
}

/** Runs npm in the root, its output on our screen; its exit status. Ends as npm did where a signal ended it. */
export function npmStatus(...words) {
  const [program, args, options] = npmCommand(...words);
  const result = spawnSync(program, args, { ...options, cwd: root, stdio: 'inherit' });
  if (result.error) throw result.error;
  if (result.signal) process.kill(process.pid, result.signal);
  return result.status ?? 1;
}

/** The same; a failure ends the process with npm's exit code. */
export function npm(...words) {
  const status = npmStatus(...words);
  if (status !== 0) process.exit(status);
}

/** Installs if need be. */
export function ensureInstalled() {
  if (!isInstalled()) npm('ci', '--no-audit', '--no-fund');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) ensureInstalled();

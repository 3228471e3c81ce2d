// `npm start`: from a fresh clone to a finished mosaic. Sets up what is missing, then runs the program: with the words
// after `--` if there are any, otherwise on a demo session that it makes first. All texts are the program's own.
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ensureInstalled, npm } from './ensure-installed.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const DEMO_SESSION = 'demo-session';
const DEMO_OUTPUT = 'demo-output';

/** Time of the last change of a file, or of the newest file under a folder. */
function lastChange(name) {
  const from = path.join(root, name);
  const stat = statSync(from);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(from).map((entry) => lastChange(path.join(name, entry))));
}

function ensureBuilt() {
  const product = path.join(root, 'dist/cli/main.js');
  const sources = ['src', 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];
  const isCurrent =
    existsSync(product) && sources.every((name) => lastChange(name) <= statSync(product).mtimeMs);
  if (isCurrent) return;
  // Nothing of an older build may stay, and a build with errors must not pass for a finished one next time.
  rmSync(path.join(root, 'dist'), { recursive: true, force: true });
  npm('run', '--silent', 'build', '--', '--noEmitOnError');
}

ensureInstalled();
ensureBuilt();

const words = process.argv.slice(2);
const program = path.join(root, 'bin/zemosaic.js');
if (words.length === 0) {
  const { main } = await import(pathToFileURL(path.join(root, 'dist/cli/main.js')).href);
  process.exitCode = await main(['demo', DEMO_SESSION]);
  words.push('run', DEMO_SESSION, '-o', DEMO_OUTPUT);
}
// In this very process: signals reach the program, and its exit code is ours.
if (!process.exitCode) {
  process.argv = [process.argv[0], program, ...words];
  await import(pathToFileURL(program).href);
}

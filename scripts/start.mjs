// `npm start`: from a fresh clone to a finished mosaic. Sets up what is missing, then runs the program: with the words
// after `--` if there are any, otherwise on a demo session that it makes first. All texts are the program's own.
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ensureBuilt } from './ensure-built.mjs';
import { ensureInstalled } from './ensure-installed.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const DEMO_SESSION = 'demo-session';
const DEMO_OUTPUT = 'demo-output';

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

#!/usr/bin/env node
// The command: looks at Node's version and at the build first, so that both are named clearly; then src/cli/main.ts.
// CommonJS, which Node begins with sooner than with a module.
const { existsSync, readFileSync, statSync } = require('node:fs');
const path = require('node:path');
const { pathToFileURL } = require('node:url');

const NEEDED = [20, 19];

/** The text of a key in the language of the environment; the program's own message code needs what is checked here. */
function text(key, values) {
  const locale = process.env.LC_ALL || process.env.LC_MESSAGES || process.env.LANG || 'en';
  const file = (language) => path.join(__dirname, `../locales/${language}.json`);
  const code = locale.slice(0, 2).toLowerCase();
  const catalogue = JSON.parse(readFileSync(existsSync(file(code)) ? file(code) : file('en'), 'utf8'));
  return Object.entries(values).reduce(
    (all, [name, value]) => all.replace(`{${name}}`, value),
    catalogue[key],
  );
}

function refuse(key, values) {
  process.stderr.write(`${text(key, values)}\n`);
  process.exitCode = 1;
}

/** The program in a few files, which load much faster, unless its modules have been built without it since. */
async function programOf(modules) {
  const joined = path.join(__dirname, '../dist/program/main.js');
  const isCurrent = existsSync(joined) && statSync(joined).mtimeMs >= statSync(modules).mtimeMs;
  if (!isCurrent) return import(pathToFileURL(modules).href);
  const { loadKept } = require('./load-program.cjs');
  return loadKept(joined) ?? require(joined);
}

async function start(modules) {
  // What waits for something that never comes has not succeeded. Of a module Node says so itself, and with this code.
  process.once('beforeExit', () => (process.exitCode = 13));
  // A reader that goes away (`| head`, a window that is closed) is no fault, and no reason to leave a run without its teardown.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
  const code = await (await programOf(modules)).main(process.argv.slice(2));
  // Not left to the event loop: on Node 20 native threads have kept a finished process from ending. What was written is waited for.
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
}

const [major, minor] = process.versions.node.split('.').map(Number);
const main = path.join(__dirname, '../dist/cli/main.js');
if (major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1]))
  refuse('cli_node_too_old', { version: process.versions.node, needed: NEEDED.join('.') });
else if (!existsSync(main)) refuse('cli_not_built', { command: 'npm run build' });
else void start(main);

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'zemosaic-bin-'));
  cpSync(join(root, 'bin'), join(dir, 'bin'), { recursive: true });
  cpSync(join(root, 'locales'), join(dir, 'locales'), { recursive: true });
  writeFileSync(join(dir, 'package.json'), '{"type": "module"}');
});
afterEach(() => rmSync(dir, { recursive: true }));

function start(lang: string, ...before: string[]) {
  const argv = [...before, join(dir, 'bin', 'zemosaic.js'), 'run', '--x'];
  const env = { PATH: process.env.PATH, LANG: lang };
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8', env });
  return { status, stdout, stderr };
}

it('hands the arguments to the program and ends with its code', () => {
  mkdirSync(join(dir, 'dist', 'cli'), { recursive: true });
  const program =
    'export const main = (argv) => { process.stdout.write(argv.join()); return Promise.resolve(3); };';
  writeFileSync(join(dir, 'dist', 'cli', 'main.js'), program);
  expect(start('C')).toEqual({ status: 3, stdout: 'run,--x', stderr: '' });
});

/** The joined program of two files, which prints `words` and says where it lies. */
function writeProgram(words: string): string {
  const program = join(dir, 'dist', 'program');
  mkdirSync(program, { recursive: true });
  writeFileSync(join(program, 'package.json'), '{ "type": "commonjs" }');
  writeFileSync(join(program, 'part.js'), `exports.words = () => '${words}';`);
  const main =
    "async (argv) => { const { sep } = await (module.import ?? ((name) => import(name)))('node:path'); ";
  const print =
    "process.stdout.write([__filename.split(sep).at(-1), require('./part.js').words()].join(' '));";
  writeFileSync(join(program, 'main.js'), `exports.main = ${main}${print} return 3; };`);
  return program;
}

it('takes the code that was kept of the joined program, but not of a file that is newer or with other flags', () => {
  mkdirSync(join(dir, 'dist', 'cli'), { recursive: true });
  writeFileSync(join(dir, 'dist', 'cli', 'main.js'), 'export const main = undefined;');
  cpSync(join(root, 'scripts', 'keep-code.mjs'), join(dir, 'scripts', 'keep-code.mjs'));
  const program = writeProgram('first');
  expect(start('C').stdout).toBe('main.js first');

  expect(spawnSync(process.execPath, [join(dir, 'scripts', 'keep-code.mjs')]).status).toBe(0);
  expect(start('C')).toEqual({ status: 3, stdout: 'main.js first', stderr: '' });
  // as long as before, so that V8 takes it for the same text, and of the time before
  writeProgram('other');
  const past = new Date(Date.now() - 60_000);
  const future = new Date(Date.now() + 60_000);
  utimesSync(join(dir, 'dist', 'cli', 'main.js'), past, past);
  for (const name of ['main.js', 'part.js']) utimesSync(join(program, name), past, past);
  expect(start('C').stdout).toBe('main.js first');
  expect(start('C', '--no-opt').stdout).toBe('main.js other');
  utimesSync(join(program, 'part.js'), future, future);
  expect(start('C').stdout).toBe('main.js other');
});

it('says what to do when the program is not built, in the language of the system', () => {
  expect(start('de_DE.UTF-8')).toEqual({
    status: 1,
    stdout: '',
    stderr: 'Das Programm ist noch nicht gebaut. Bitte in seinem Ordner ausführen: npm run build\n',
  });
});

it('names the version of Node that it needs', () => {
  const old = join(dir, 'old.cjs');
  writeFileSync(old, "Object.defineProperty(process.versions, 'node', { value: '20.9.0' });");
  const { status, stderr } = start('xx', '--require', old);
  expect(status).toBe(1);
  expect(stderr).toContain('ZeMosaic needs Node.js 20.19 or newer; this is 20.9.0.');
});

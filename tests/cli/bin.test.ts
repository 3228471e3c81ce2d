import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';
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

it('does not end as if all were well where the program waits for what never comes', () => {
  mkdirSync(join(dir, 'dist', 'cli'), { recursive: true });
  writeFileSync(join(dir, 'dist', 'cli', 'main.js'), 'export const main = () => new Promise(() => {});');
  expect(start('C')).toEqual({ status: 13, stdout: '', stderr: '' });
});

/** The joined program of two files, which prints `words` and says where it lies. As a run does, it has other flags by the time that it loads the second. */
function writeProgram(words: string): string {
  const program = join(dir, 'dist', 'program');
  mkdirSync(program, { recursive: true });
  writeFileSync(join(program, 'package.json'), '{ "type": "commonjs" }');
  writeFileSync(join(program, 'part.js'), `exports.words = () => '${words}';`);
  const flags =
    "const set = require('node:v8').setFlagsFromString; exports.ownFlags = () => { set('--flush-bytecode'); return () => set('--no-flush-bytecode'); };";
  const main =
    "async (argv) => { set('--no-flush-bytecode'); const { sep } = await (module.import ?? ((name) => import(name)))('node:path'); ";
  const print =
    "process.stdout.write([__filename.split(sep).at(-1), require('./part.js').words()].join(' '));";
  writeFileSync(join(program, 'main.js'), `${flags} exports.main = ${main}${print} return 3; };`);
  return program;
}

/** The program with code that was kept, and the folder of the code. */
function keepCode(words: string): { program: string; code: string } {
  mkdirSync(join(dir, 'dist', 'cli'), { recursive: true });
  writeFileSync(join(dir, 'dist', 'cli', 'main.js'), 'export const main = undefined;');
  cpSync(join(root, 'scripts', 'keep-code.mjs'), join(dir, 'scripts', 'keep-code.mjs'));
  const program = writeProgram(words);
  expect(start('C').stdout).toBe(`main.js ${words}`);
  expect(spawnSync(process.execPath, [join(dir, 'scripts', 'keep-code.mjs')]).status).toBe(0);
  return { program, code: codeOf(program) };
}

function codeOf(program: string): string {
  const [code] = readdirSync(program).filter((name) => name.startsWith('code-'));
  return join(program, code);
}

/** Makes the sum of a file's text that stands with its kept code agree with what the file is now. */
function pretendUnchanged(program: string, name: string): void {
  const file = join(codeOf(program), `${name}.code`);
  const kept = readFileSync(file);
  kept.writeUInt32LE(crc32(readFileSync(join(program, name))), kept.length - 8);
  writeFileSync(file, kept);
}

it('takes the code that was kept of the joined program, whatever the times of its files, but not with other flags', () => {
  const { program } = keepCode('first');
  expect(start('C')).toEqual({ status: 3, stdout: 'main.js first', stderr: '' });
  // as an installed package may have them: the program is newer
  const future = new Date(Date.now() + 60_000);
  for (const name of ['main.js', 'part.js']) utimesSync(join(program, name), future, future);
  // as long as before, so that V8 takes it for the same text; the sum of the text is made to agree
  const other = readFileSync(join(program, 'part.js'), 'utf8').replace('first', 'other');
  writeFileSync(join(program, 'part.js'), other);
  pretendUnchanged(program, 'part.js');
  expect(start('C').stdout).toBe('main.js first');
  expect(start('C', '--no-opt').stdout).toBe('main.js other');
});

it('takes the kept code for its threads too, and loads them as any module where none is kept', () => {
  const program = join(dir, 'dist', 'program');
  const writeThreads = (words: string) => {
    writeProgram(words);
    const say = "require('node:worker_threads').parentPort.postMessage(require('./part.js').words());";
    writeFileSync(join(program, 'thread.js'), say);
    const thread =
      "new Worker(join(__dirname, '../../bin/load-thread.cjs'), { argv: [join(__dirname, 'thread.js')] })";
    const main = `const { join } = require('node:path'); const { Worker } = require('node:worker_threads');
      exports.main = () => new Promise((resolve) => ${thread}.on('message', (words) => { process.stdout.write(words); resolve(3); }));`;
    writeFileSync(join(program, 'main.js'), main);
  };
  mkdirSync(join(dir, 'dist', 'cli'), { recursive: true });
  writeFileSync(join(dir, 'dist', 'cli', 'main.js'), 'export const main = undefined;');
  writeThreads('first');
  expect(start('C')).toEqual({ status: 3, stdout: 'first', stderr: '' });
  cpSync(join(root, 'scripts', 'keep-code.mjs'), join(dir, 'scripts', 'keep-code.mjs'));
  expect(spawnSync(process.execPath, [join(dir, 'scripts', 'keep-code.mjs')]).status).toBe(0);
  writeThreads('other');
  pretendUnchanged(program, 'part.js');
  expect(start('C').stdout).toBe('first');
});

it('takes no code of another text, be it as long and its file as old as before', () => {
  const { program } = keepCode('first');
  writeProgram('other');
  const past = new Date(Date.now() - 60_000);
  for (const name of ['../cli/main.js', 'main.js', 'part.js']) utimesSync(join(program, name), past, past);
  expect(start('C')).toEqual({ status: 3, stdout: 'main.js other', stderr: '' });
});

it.each<[string, (code: Buffer) => Buffer]>([
  ['half of it', (code) => code.subarray(0, code.length / 2)],
  ['none of it', () => Buffer.alloc(0)],
  ['zeros at its end', (code) => Buffer.concat([code.subarray(0, 400), Buffer.alloc(code.length - 400)])],
  ['zeros before its end', (code) => Buffer.from(code).fill(0, 400, code.length - 8)],
])('starts without code that is not what was written: %s', (_, broken) => {
  const { code } = keepCode('first');
  for (const name of ['main.js.code', 'part.js.code'])
    writeFileSync(join(code, name), broken(readFileSync(join(code, name))));
  expect(start('C')).toEqual({ status: 3, stdout: 'main.js first', stderr: '' });
});

it('tells each time why a part of the program cannot be loaded', () => {
  const { program } = keepCode('first');
  writeFileSync(join(program, 'part.js'), "exports.half = 1; throw new Error('broken');");
  const main =
    "const told = () => { try { return Object.keys(require('./part.js')).join(); } catch (error) { return error.message; } };";
  const print = 'process.stdout.write([told(), told()].join()); return 3;';
  writeFileSync(join(program, 'main.js'), `exports.main = async () => { ${main} ${print} };`);
  expect(start('C')).toEqual({ status: 3, stdout: 'broken,broken', stderr: '' });
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

// `npm start` in a copy of the scripts alone, with an npm and a program that write down how they are called.
import { spawnSync } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const scripts = path.resolve(import.meta.dirname, '../../scripts');
const folder = temporaryFolder();
const at = (name: string) => path.join(folder(), name);

const LOCK = JSON.stringify({
  packages: {
    '': { version: '1.0.0' },
    'node_modules/a': { version: '2.0.0' },
    'node_modules/for-another-system': { version: '1.0.0', optional: true },
  },
});
const LOG = `import { appendFileSync } from 'node:fs';
const log = (...words) => appendFileSync(new URL(ROOT + 'log', import.meta.url), words.join(' ') + '\\n');\n`;
/** Installs, or builds a program whose \`main\` ends with the code that \`$END\` asks for. */
const NPM = `${LOG.replace('ROOT', "'./'")}
import { cpSync, mkdirSync } from 'node:fs';
log('npm', ...process.argv.slice(2));
if (process.env.NPM_FAILS) process.exit(7);
if (process.argv[2] === 'ci') { mkdirSync('node_modules', { recursive: true }); cpSync('package-lock.json', 'node_modules/.package-lock.json'); }
else {
  for (const name of ['cli', 'cpu-fallback/wasm', 'gui/page', 'simd']) mkdirSync('dist/' + name, { recursive: true });
  cpSync('program.js', 'dist/cli/main.js');
  for (const name of ['cpu-fallback/wasm/kernels.wasm', 'gui/page/index.html', 'simd/passes.wasm']) cpSync('program.js', 'dist/' + name);
}`;
const PROGRAM = `${LOG.replace('ROOT', "'../../'")}
export async function main(words) { log('main', ...words); return Number(process.env['END_' + words[0]] ?? 0); }`;
const BIN = `import { main } from '../dist/cli/main.js';
process.exitCode = await main(process.argv.slice(2));`;

beforeEach(async () => {
  for (const name of ['src/cpu-fallback/wasm', 'src/compute', 'src/gui/page', 'src/simd', 'bin', 'scripts'])
    await mkdir(at(name), { recursive: true });
  for (const name of ['start.mjs', 'ensure-installed.mjs', 'ensure-built.mjs'])
    await cp(path.join(scripts, name), at(`scripts/${name}`));
  await writeFile(at('package.json'), '{"type": "module"}');
  await writeFile(at('package-lock.json'), LOCK);
  for (const name of [
    'tsconfig.json',
    'tsconfig.build.json',
    'vite.config.ts',
    'vite.program.config.ts',
    'src/a.ts',
    'scripts/build-wasm.ts',
    'scripts/keep-code.mjs',
  ])
    await writeFile(at(name), '');
  await writeFile(at('npm.js'), NPM);
  await writeFile(at('program.js'), PROGRAM);
  await writeFile(at('bin/zemosaic.js'), BIN);
});

async function start(
  words: string[],
  env: Record<string, string> = {},
): Promise<{ code: number | null; log: string[] }> {
  const { status } = spawnSync(process.execPath, ['scripts/start.mjs', ...words], {
    cwd: folder(),
    env: { ...process.env, npm_execpath: at('npm.js'), ...env },
  });
  const log = await readFile(at('log'), 'utf8').catch(() => '');
  await rm(at('log'), { force: true });
  return { code: status, log: log.trim().split('\n') };
}

const BUILD = 'npm run --silent build';

test('a fresh clone is installed and built once, then runs what it is told', async () => {
  expect(await start(['run', 'F', '-o', 'OUT'])).toEqual({
    code: 0,
    log: ['npm ci --no-audit --no-fund', BUILD, 'main run F -o OUT'],
  });
  expect(await start(['--version'])).toEqual({ code: 0, log: ['main --version'] });
});

test('without words it makes the demo session and runs on it', async () => {
  const { code, log } = await start([]);
  expect(code).toBe(0);
  expect(log.slice(2)).toEqual(['main demo demo-session', 'main run demo-session -o demo-output']);
});

test('exit codes pass through, and a failed demo is not run on', async () => {
  expect((await start(['plan', 'F'], { END_plan: '3' })).code).toBe(3);
  expect(await start([], { END_demo: '1' })).toEqual({ code: 1, log: ['main demo demo-session'] });
  expect((await start([], { END_run: '130' })).code).toBe(130);
  // Nothing is missing any more: npm is not called.
  expect(await start([], { NPM_FAILS: '1' })).toMatchObject({ code: 0 });
});

test('a failed installation ends with the code of npm', async () => {
  expect(await start([], { NPM_FAILS: '1' })).toEqual({ code: 7, log: ['npm ci --no-audit --no-fund'] });
});

test('a newer source is built, another lock file installed', async () => {
  await start(['x']);
  const later = new Date(Date.now() + 10_000);
  for (const source of ['src/a.ts', 'vite.program.config.ts', 'scripts/keep-code.mjs']) {
    await utimes(at(source), later, later);
    expect((await start(['x'])).log).toEqual([BUILD, 'main x']);
    await utimes(at(source), new Date(0), new Date(0));
  }
  await writeFile(at('package-lock.json'), LOCK.replace('2.0.0', '2.0.1'));
  expect((await start(['x'])).log).toEqual(['npm ci --no-audit --no-fund', BUILD, 'main x']);
});

test('kernels that are missing, or older than their own sources or the script that makes them, are built', async () => {
  await start(['x']);
  await rm(at('dist/cpu-fallback/wasm/kernels.wasm'));
  expect((await start(['x'])).log).toEqual([BUILD, 'main x']);
  await writeFile(at('src/cpu-fallback/wasm/a.ts'), '');
  const later = new Date(Date.now() + 10_000);
  await utimes(at('dist/cli/main.js'), later, later);
  await utimes(at('src/cpu-fallback/wasm/a.ts'), later, later);
  expect((await start(['x'])).log).toEqual([BUILD, 'main x']);
  await utimes(at('src/cpu-fallback/wasm/a.ts'), new Date(0), new Date(0));
  await utimes(at('scripts/build-wasm.ts'), later, later);
  expect((await start(['x'])).log).toEqual([BUILD, 'main x']);
});

test('a package holds a new build, and nothing of the one before', async () => {
  await start(['x']);
  await writeFile(at('dist/old.js'), '');
  const { status } = spawnSync(process.execPath, ['scripts/ensure-built.mjs'], {
    cwd: folder(),
    env: { ...process.env, npm_execpath: at('npm.js') },
  });
  expect(status).toBe(0);
  expect(await readdir(at('dist'))).toEqual(['cli', 'cpu-fallback', 'gui', 'simd']);
});

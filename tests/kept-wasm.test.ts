// Machine code of WebAssembly, kept when the program is built (bin/kept-wasm.cjs, scripts/keep-code.mjs).
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
/** What passes and kernels both are loaded with. */
const OF_BOTH = ['dist/errors.js', 'dist/kept-wasm.js', 'dist/v8-flags.js'];
let dir: string;
/** The module's file in a program of which code is kept, and the file of the code. */
let file: string;
let code: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'zemosaic-kept-wasm-'));
  for (const part of ['bin', 'scripts/keep-code.mjs', 'dist/simd/passes.wasm'])
    cpSync(join(root, part), join(dir, part), { recursive: true });
  mkdirSync(join(dir, 'dist', 'program'));
  keepCode();
  const [folder] = readdirSync(join(dir, 'dist', 'program'));
  file = join(dir, 'dist', 'simd', 'passes.wasm');
  code = join(dir, 'dist', 'program', folder, 'passes.wasm.code');
});
afterEach(() => rmSync(dir, { recursive: true }));

function keepCode() {
  const { status, stderr } = spawnSync(process.execPath, [join(dir, 'scripts', 'keep-code.mjs')], {
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
}

/** Whether a function of the module that `module` gives is optimised before it has been called; 'none' without a module. */
const tierOf = (module: string) => `const told = ${module};
  if (told === undefined) console.log('none');
  else {
    const memory = new WebAssembly.Memory({ initial: 64, maximum: 65536, shared: true });
    const [called] = Object.values(new WebAssembly.Instance(told, { env: { memory } }).exports).filter((f) => typeof f === 'function');
    require('node:v8').setFlagsFromString('--allow-natives-syntax');
    console.log(new Function('f', 'return %IsTurboFanFunction(f)')(called) ? 'optimised' : 'simple');
  }`;

function printed(script: string, env: Record<string, string>, ...flags: string[]): string {
  const { stdout, stderr } = spawnSync(process.execPath, [...flags, '-e', script], {
    ...{ encoding: 'utf8', env: { PATH: process.env.PATH, ...env } },
  });
  return stdout.trim() || stderr;
}

const taken = (env: Record<string, string> = {}, ...flags: string[]) =>
  printed(
    tierOf(
      `require(${JSON.stringify(join(dir, 'bin', 'kept-wasm.cjs'))}).keptModule(${JSON.stringify(file)}, require('node:fs').readFileSync(${JSON.stringify(file)}))`,
    ),
    env,
    ...flags,
  );

it('gives the module with all of its functions optimised', () => {
  expect(taken()).toBe('optimised');
});

it('is not there for other flags, nor for code that checks itself', () => {
  expect(taken({}, '--no-opt')).toBe('none');
  expect(taken({}, '--disable-wasm-trap-handler')).toBe('none');
  expect(taken({ NODE_OPTIONS: '--disable-wasm-trap-handler' })).toBe('none');
});

it('is not there for another module', () => {
  // an empty section with a name behind the rest
  writeFileSync(file, Buffer.concat([readFileSync(file), Buffer.from([0, 2, 1, 0x61])]));
  expect(taken()).toBe('none');
});

it.each<[string, (kept: Buffer) => Buffer]>([
  ['half of it', (kept) => kept.subarray(0, kept.length / 2)],
  ['none of it', () => Buffer.alloc(0)],
  ['a byte that is not what was written', (kept) => Buffer.from(kept).fill(0x90, 5000, 5001)],
])('is not there where the code is broken: %s', (_, broken) => {
  writeFileSync(code, broken(readFileSync(code)));
  expect(taken()).toBe('none');
});

it('is kept for no Node that does not take it, be it that taking it ends the process', () => {
  expect(taken()).toBe('optimised');
  const keeper = join(dir, 'bin', 'kept-wasm.cjs');
  const own = readFileSync(keeper, 'utf8');
  for (const take of ['process.abort()', 'undefined']) {
    writeFileSync(keeper, `${own}\nmodule.exports.keptModule = () => ${take};\n`);
    const { status, stderr } = spawnSync(process.execPath, [join(dir, 'scripts', 'keep-code.mjs')], {
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, expect.stringContaining('no code is kept of simd/passes.wasm')]);
    expect(existsSync(code)).toBe(false);
  }
});

it('serves passes and kernels, though a run has flags of its own', () => {
  // of these very kernels: the tests build them anew without what the build keeps of them
  for (const part of ['package.json', 'dist/cpu-fallback/wasm', 'dist/simd', ...OF_BOTH])
    cpSync(join(root, part), join(dir, part), { recursive: true });
  keepCode();
  const from = (name: string) => JSON.stringify(join(dir, 'dist', name));
  const ofRun = `(await import(${from('v8-flags.js')})).setRunFlags()`;
  const passes = `(${ofRun}, (await import(${from('simd/sample-passes.js')})).compiledPasses())`;
  const kernels = `(${ofRun}, (await (await import(${from('cpu-fallback/wasm/load-kernels.js')})).loadKernels()).module)`;
  for (const module of [passes, kernels])
    expect(printed(`void (async () => { ${tierOf(module)} })();`, {})).toBe('optimised');
});

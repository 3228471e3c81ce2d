// `npm test` in a copy of its scripts alone, with a vitest that writes the report it is told to: the sums, whatever happens.
import { spawnSync } from 'node:child_process';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const scripts = path.resolve(import.meta.dirname, '../../scripts');
const folder = temporaryFolder();

const TOOLS = [
  'typescript/bin/tsc',
  'eslint/bin/eslint.js',
  'prettier/bin/prettier.cjs',
  'dependency-cruiser/bin/dependency-cruise.mjs',
  // Carries no SwiftShader: no machine has an adapter here.
  '@sparticuz/chromium/index.js',
];
const VITEST = `import { writeFileSync } from 'node:fs';
const option = process.argv.find((word) => word.startsWith('--outputFile.json='));
if (process.env.REPORT) writeFileSync(option.slice(option.indexOf('=') + 1), process.env.REPORT);
if (process.env.DIES) process.kill(process.pid, 'SIGKILL');
process.exitCode = Number(process.env.ENDS ?? 0);`;
/** Takes `npm run --silent build` and nothing else. */
const NPM = `process.exitCode = process.argv.slice(2).join(' ') === 'run --silent build' ? Number(process.env.BUILD_ENDS ?? 0) : 9;`;

beforeEach(async () => {
  for (const tool of [...TOOLS, 'vitest/vitest.mjs']) {
    const file = path.join(folder(), 'node_modules', tool);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, tool.startsWith('vitest') ? VITEST : '');
  }
  for (const name of ['test.mjs', 'deno.mjs', 'ensure-installed.mjs', 'software-vulkan.mjs'])
    await cp(path.join(scripts, name), path.join(folder(), 'scripts', name));
  const runtime = 'tests/gpu/deno/runtime/package.json';
  await cp(path.join(scripts, '..', runtime), path.join(folder(), runtime));
  await writeFile(path.join(folder(), 'npm.js'), NPM);
});

type FileResult = { status: string; assertionResults: { status: string }[] };

function report(failed: number, testResults: FileResult[] = []): string {
  const sums = { numPassedTests: 3, numFailedTests: failed, numPendingTests: 1, numTodoTests: 1 };
  return JSON.stringify({ ...sums, testResults });
}

const OWN_ADAPTER = { REPORT: report(0), ZEMOSAIC_TEST_ADAPTER: 'system' };

/** Exit code, last line and all that was said; no variable of the run that this test is part of comes through. */
function npmTest(env: Record<string, string>, ...words: string[]) {
  const clean = { PATH: process.env.PATH, TMPDIR: folder(), npm_execpath: path.join(folder(), 'npm.js') };
  const { status, stdout } = spawnSync(process.execPath, ['scripts/test.mjs', ...words], {
    cwd: folder(),
    env: { ...clean, ...env },
    encoding: 'utf8',
  });
  return { status, last: stdout.trimEnd().split('\n').at(-1), stdout };
}

test('without an adapter the GPU tests are skipped, and with CI set that is a failure', () => {
  const here = npmTest({ REPORT: report(0) });
  expect(here).toMatchObject({ status: 0, last: '3 passed, 0 failed, 2 skipped' });
  expect(here.stdout).toMatch(/^webgpu tests skipped: /m);
  const unattended = npmTest({ REPORT: report(0), CI: 'true' });
  expect(unattended).toMatchObject({ status: 1, last: '3 passed, 1 failed, 2 skipped' });
  expect(unattended.stdout).toMatch(/^webgpu tests FAILED \(CI is set\): /m);
  const own = npmTest({ ...OWN_ADAPTER, CI: 'true', ZEMOSAIC_DENO: process.execPath });
  expect(own).toMatchObject({ status: 0, last: '3 passed, 0 failed, 2 skipped' });
});

test('without a Deno its tests are skipped, and with CI set that is a failure, where they are asked for', () => {
  const here = npmTest(OWN_ADAPTER);
  expect(here).toMatchObject({ status: 0, last: '3 passed, 0 failed, 2 skipped' });
  expect(here.stdout).toContain('deno tests skipped: npm ci --prefix tests/gpu/deno/runtime failed');
  const unattended = npmTest({ ...OWN_ADAPTER, CI: 'true' }, 'tests/gpu');
  expect(unattended).toMatchObject({ status: 1, last: '3 passed, 1 failed, 2 skipped' });
  expect(unattended.stdout).toMatch(/^deno tests FAILED \(CI is set\): /m);
  expect(npmTest({ ...OWN_ADAPTER, CI: 'true' }, 'tests/cli').stdout).not.toContain('deno');
});

test.each([
  ['writes no report', { ENDS: '1' }],
  ['is killed', { DIES: '1' }],
  ['leaves half a report', { REPORT: '{"numPassedTests": 3,', ENDS: '1' }],
])('the last line counts a failure when vitest %s', (_, env) => {
  expect(npmTest(env)).toMatchObject({ status: 1, last: '0 passed, 1 failed, 0 skipped' });
});

test('errors outside the tests count, a file that does not load beside tests that fail', () => {
  const late = npmTest({ REPORT: report(0), ENDS: '1' });
  expect(late).toMatchObject({ status: 1, last: '3 passed, 1 failed, 2 skipped' });
  const files = [
    { status: 'failed', assertionResults: [{ status: 'failed' }, { status: 'failed' }] },
    { status: 'failed', assertionResults: [] },
    { status: 'passed', assertionResults: [{ status: 'passed' }] },
  ];
  expect(npmTest({ REPORT: report(2, files), ENDS: '1' }).last).toBe('3 passed, 3 failed, 2 skipped');
});

test('a step that fails is one failure, and the tests still run', async () => {
  await writeFile(path.join(folder(), 'node_modules/eslint/bin/eslint.js'), 'process.exit(2)');
  const { status, last, stdout } = npmTest({ REPORT: report(0) });
  expect({ status, last }).toEqual({ status: 1, last: '3 passed, 1 failed, 2 skipped' });
  expect(stdout).toContain('eslint: FAILED');
});

test('so is a build that fails', () => {
  const { status, last, stdout } = npmTest({ REPORT: report(0), BUILD_ENDS: '2' });
  expect({ status, last }).toEqual({ status: 1, last: '3 passed, 1 failed, 2 skipped' });
  expect(stdout).toContain('build: FAILED');
});

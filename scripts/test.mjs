// `npm test`: everything that can be checked with Node and npm alone. Builds, checks the source, runs all tests with the WGSL kernels on the
// software Vulkan of npm (or, with ZEMOSAIC_TEST_ADAPTER=system, on this machine's own adapter), also under a Deno from npm, and ends with one line of
// sums. Where there is no adapter, or no Deno, their tests are skipped, and with CI set that is a failure.
// Words after `npm test --` go to vitest.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { denoProgram } from './deno.mjs';
import { npmCommand } from './ensure-installed.mjs';
import { softwareVulkan } from './software-vulkan.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (name, file) => path.join(root, 'node_modules', name, file);

/** Runs a Node program in the root with our streams, without a terminal's input; its exit status. */
function node(args, env) {
  const { status, signal, error } = spawnSync(process.execPath, args, {
    cwd: root,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (error) throw error;
  if (signal) process.stderr.write(`${path.basename(args[0])}: ${signal}\n`);
  return status ?? 1;
}

const check = (...args) => [process.execPath, args];

/**
 * Steps before the tests, the longest first; each counts as one failed test when it fails, and the others still run.
 * The build is that which users get, by the very command that they give: what breaks it on a fresh clone turns the tests red.
 */
const STEPS = [
  ['build', npmCommand('run', '--silent', 'build')],
  ['eslint', check(bin('eslint', 'bin/eslint.js'), '.')],
  ['typecheck', check(bin('typescript', 'bin/tsc'), '-p', 'tsconfig.json', '--noEmit')],
  ['prettier', check(bin('prettier', 'bin/prettier.cjs'), '--check', '--log-level', 'warn', '.')],
  [
    'imports',
    check(
      bin('dependency-cruiser', 'bin/dependency-cruise.mjs'),
      'src',
      '--config',
      '.dependency-cruiser.cjs',
      '--output-type',
      'err',
    ),
  ],
  ['typecheck of the page', check(bin('typescript', 'bin/tsc'), '-p', 'src/gui/page/tsconfig.json')],
];
/** Each step computes on one processor, and takes up to 2 GiB. */
const STEPS_AT_ONCE = Math.min(2, os.availableParallelism());

const DENO_TESTS = 'tests/gpu/deno.test.ts';

/** Where nobody reads what was skipped, a run without the GPU kernels, or without their second compiler, must not look like one with them. */
const isUnattended = !['', '0', 'false'].includes(process.env.CI ?? '');

/** Where the system has large pages for those who ask (glibc 2.35), memory comes a third cheaper to the compiler of the software Vulkan. */
const LARGE_PAGES = { GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1' };

/** Environment under which Dawn finds the adapter that the tests are meant for; undefined where there is none. */
function gpuEnvironment() {
  if (process.env.ZEMOSAIC_TEST_ADAPTER === 'system') return { ZEMOSAIC_TEST_WEBGPU: '1' };
  const { env, reason } = softwareVulkan();
  if (env) return { ...env, ZEMOSAIC_TEST_WEBGPU: '1' };
  tellMissing('webgpu', reason);
  return undefined;
}

/** Where the tests under Deno find it; undefined where there is none. */
function denoEnvironment() {
  const { program, reason } = denoProgram();
  if (program) return { ZEMOSAIC_DENO: program };
  tellMissing('deno', reason);
  return undefined;
}

function tellMissing(what, reason) {
  process.stdout.write(`${what} tests ${isUnattended ? 'FAILED (CI is set)' : 'skipped'}: ${reason}\n`);
}

/** Whether the words given to vitest leave the tests under Deno in; words are parts of paths. */
function areDenoTestsAsked(words) {
  const paths = words.filter((word) => !word.startsWith('-'));
  return paths.length === 0 || paths.some((word) => DENO_TESTS.includes(word));
}

/** Runs a program in the root without a terminal's input; whether all went well, and what it wrote. */
function ends([program, args, options]) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const said = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => said.push(bytes));
    child.on('error', reject);
    child.on('close', (status, signal) => {
      if (signal) said.push(Buffer.from(`${signal}\n`));
      resolve({ ok: status === 0, said: Buffer.concat(said) });
    });
  });
}

/** How many of the steps failed. What a step wrote stands together, above the line that says how it ended. */
async function runSteps() {
  const steps = [...STEPS];
  let failed = 0;
  const takeTurns = async () => {
    for (let step = steps.shift(); step; step = steps.shift()) {
      const [name, command] = step;
      const { ok, said } = await ends(command);
      process.stdout.write(said);
      process.stdout.write(`${name}: ${ok ? 'ok' : 'FAILED'}\n`);
      if (!ok) failed++;
    }
  };
  await Promise.all(Array.from({ length: STEPS_AT_ONCE }, takeTurns));
  return failed;
}

/** Runs vitest; its sums. A crash of vitest, an error outside the tests, a missing adapter or Deno where nobody looks: each one failure more. */
function runTests(words) {
  const gpu = gpuEnvironment();
  const isDenoNeeded = gpu && areDenoTestsAsked(words);
  const deno = isDenoNeeded ? denoEnvironment() : undefined;
  const missing = isUnattended && (!gpu || (isDenoNeeded && !deno)) ? 1 : 0;
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'zemosaic-test-'));
  const report = path.join(folder, 'report.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const status = node([bin('vitest', 'vitest.mjs'), 'run', ...reporters, ...words], {
      ...LARGE_PAGES,
      ...process.env,
      ...gpu,
      ...deno,
    });
    if (!fs.existsSync(report)) return { passed: 0, failed: 1 + missing, skipped: 0 };
    const sums = JSON.parse(fs.readFileSync(report, 'utf8'));
    const failed = sums.numFailedTests + sums.testResults.filter(failedOutsideTests).length;
    return {
      passed: sums.numPassedTests,
      failed: (status !== 0 && failed === 0 ? 1 : failed) + missing,
      skipped: sums.numPendingTests + sums.numTodoTests,
    };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** A file that did not load, or whose set-up failed: none of its tests says so. */
function failedOutsideTests({ status, assertionResults }) {
  return status === 'failed' && !assertionResults.some((test) => test.status === 'failed');
}

const sums = { passed: 0, failed: 0, skipped: 0 };
try {
  sums.failed += await runSteps();
  const { passed, failed, skipped } = runTests(process.argv.slice(2));
  sums.passed = passed;
  sums.failed += failed;
  sums.skipped = skipped;
} catch (error) {
  // Whatever goes wrong with the tests' own means, the last line stands.
  process.stderr.write(`${error.stack}\n`);
  sums.failed++;
}
process.stdout.write(`${sums.passed} passed, ${sums.failed} failed, ${sums.skipped} skipped\n`);
process.exitCode = sums.failed === 0 ? 0 : 1;

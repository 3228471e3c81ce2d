// The built program: made anew when it is missing or older than its sources. Run as a program it always builds anew: a package (`npm pack`)
// holds the build of its very sources and nothing of an older one.
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { npm } from './ensure-installed.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What is built, and from what: the tests build the second by itself. */
const PRODUCTS = [
  [
    'dist/cli/main.js',
    [
      'src',
      'bin',
      'scripts/keep-code.mjs',
      'vite.program.config.ts',
      'tsconfig.json',
      'tsconfig.build.json',
      'package-lock.json',
    ],
  ],
  ['dist/gui/page/index.html', ['src/gui/page', 'vite.config.ts', 'package-lock.json']],
  [
    'dist/cpu-fallback/wasm/kernels.wasm',
    ['src/cpu-fallback/wasm', 'src/compute', 'scripts/build-wasm.ts', 'package-lock.json'],
  ],
  ['dist/simd/passes.wasm', ['src/simd', 'scripts/build-wasm.ts', 'package-lock.json']],
];

/** Time of the last change of a file, or of the newest file under a folder. */
function lastChange(name) {
  const from = path.join(root, name);
  const stat = statSync(from);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(from).map((entry) => lastChange(path.join(name, entry))));
}

function isCurrent([name, sources]) {
  const product = path.join(root, name);
  return existsSync(product) && sources.every((source) => lastChange(source) <= statSync(product).mtimeMs);
}

/** Nothing of an older build stays, and a build with errors does not pass for a finished one next time. */
function build() {
  rmSync(path.join(root, 'dist'), { recursive: true, force: true });
  npm('run', '--silent', 'build');
}

/** Builds if need be. */
export function ensureBuilt() {
  if (!PRODUCTS.every(isCurrent)) build();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) build();

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { defineConfig } from 'vitest/config';

/** Rooms whose tests leave the process as they found it. */
const SHARING = [
  'aesthetic',
  'astrometry',
  'config',
  'demo',
  'fits',
  'frames',
  'locales',
  'output',
  'photometry',
  'pipeline',
  'quality',
  'report',
  'simd',
];

/** Replaces modules, functions or the clock, or changes the environment, the folder or V8's flags: of all that run in the process. */
const CHANGES_PROCESS =
  /\bvi\.|\bprocess\.env(\.\w+|\[[^\]]+\]) =[^=]|\bdelete process\.env\b|\bchdir\(|\bsetFlagsFromString\(/;

/** Files that run one after the other in the same processes: one to itself costs 0.8 seconds of a processor, more than most of them compute. */
const shared = SHARING.flatMap((room) => {
  const folder = path.join(import.meta.dirname, 'tests', room);
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .filter((name) => !CHANGES_PROCESS.test(readFileSync(path.join(folder, name), 'utf8')))
    .map((name) => path.posix.join('tests', room, ...name.split(path.sep)));
});

export default defineConfig({
  test: {
    globalSetup: ['scripts/build-wasm.ts'],
    setupFiles: ['tests/helpers/byte-equality.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
    projects: [
      { extends: true, test: { name: 'alone', include: ['tests/**/*.test.ts'], exclude: shared } },
      { extends: true, test: { name: 'shared', include: shared, isolate: false } },
    ],
  },
});

// Code that was kept is taken with V8's own flags only, which its version tag tells.
import path from 'node:path';
import { cachedDataVersionTag } from 'node:v8';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadKernels } from '../src/cpu-fallback/wasm/load-kernels.js';
import { WorkerPool } from '../src/cpu-fallback/wasm/worker-pool.js';
import { startThread } from '../src/start-thread.js';
import { ownFlags, RUN_HEAP_GROWTH_PERCENT, setHeapGrowth, setRunFlags } from '../src/v8-flags.js';

const own = cachedDataVersionTag();
beforeAll(setRunFlags);
afterAll(() => void ownFlags());

it('has V8’s own flags while something is loaded, and those of a run before and after it', () => {
  const run = cachedDataVersionTag();
  expect(run).not.toBe(own);
  const [first, second] = [ownFlags(), ownFlags()];
  expect(cachedDataVersionTag()).toBe(own);
  first();
  first();
  expect(cachedDataVersionTag()).toBe(own);
  second();
  expect(cachedDataVersionTag()).toBe(run);
});

it('lets the heap of a run grow by another share, but not while something is loaded', () => {
  const before = cachedDataVersionTag();
  const done = ownFlags();
  setHeapGrowth(40);
  expect(cachedDataVersionTag()).toBe(own);
  done();
  const after = cachedDataVersionTag();
  expect([own, before]).not.toContain(after);
  setHeapGrowth(RUN_HEAP_GROWTH_PERCENT);
  expect(cachedDataVersionTag()).toBe(before);
});

it('starts threads with V8’s own flags', async () => {
  const run = cachedDataVersionTag();
  const thread = startThread(path.join(import.meta.dirname, 'fixtures/no-thread'), undefined);
  thread.on('error', () => undefined);
  expect(cachedDataVersionTag()).toBe(own);
  await new Promise((resolve) => thread.once('exit', resolve));
  expect(cachedDataVersionTag()).toBe(run);

  const { module, memory } = await loadKernels();
  const starting = WorkerPool.start(module, memory, 2);
  expect(cachedDataVersionTag()).toBe(own);
  const pool = await starting;
  expect(cachedDataVersionTag()).toBe(run);
  await pool.close();
});

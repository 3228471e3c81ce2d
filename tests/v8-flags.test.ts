// Code that was kept is taken with V8's own flags only, which its version tag tells.
import path from 'node:path';
import { cachedDataVersionTag } from 'node:v8';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadKernels } from '../src/cpu-fallback/wasm/load-kernels.js';
import { WorkerPool } from '../src/cpu-fallback/wasm/worker-pool.js';
import { startThread } from '../src/start-thread.js';
import { limitHeapGrowth } from '../src/pipeline/heap-growth.js';
import {
  ownFlags,
  RUN_HEAP_GROWTH_PERCENT,
  setHeapGrowth,
  setRunFlags,
  setYoungSpaceGrows,
} from '../src/v8-flags.js';

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

it('lets the young space grow beside many frames, and not beside few', () => {
  const tagOf = (frames: number) => {
    limitHeapGrowth(frames, 1536);
    setHeapGrowth(RUN_HEAP_GROWTH_PERCENT);
    return cachedDataVersionTag();
  };
  const few = tagOf(99);
  const many = tagOf(100);
  expect(many).not.toBe(few);
  expect(tagOf(10)).toBe(few);
  setYoungSpaceGrows(true);
  expect(cachedDataVersionTag()).toBe(many);
  const done = ownFlags();
  setYoungSpaceGrows(false);
  expect(cachedDataVersionTag()).toBe(own);
  done();
  expect(cachedDataVersionTag()).toBe(few);
});

it('starts threads with V8’s own flags', async () => {
  const run = cachedDataVersionTag();
  const thread = startThread(path.join(import.meta.dirname, 'fixtures/no-thread'), undefined);
  thread.on('error', () => undefined);
  expect(cachedDataVersionTag()).toBe(own);
  await new Promise((resolve) => thread.once('exit', resolve));
  // not the very same: what runs sources starts a thread late, whose heap has the young space grow again
  expect(cachedDataVersionTag()).not.toBe(own);

  const { module, memory } = await loadKernels();
  const starting = WorkerPool.start(module, memory, 2);
  expect(cachedDataVersionTag()).toBe(own);
  const pool = await starting;
  expect(cachedDataVersionTag()).toBe(run);
  await pool.close();
});

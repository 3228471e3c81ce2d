// What comes after the last cell on threads: the same files from any number of them, a thread that dies, a run that is stopped.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Worker } from 'node:worker_threads';
import { beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { createWasmBackend } from '../../src/cpu-fallback/wasm/wasm-backend.js';
import type * as Count from '../../src/pipeline/product-work/product-thread-count.js';
import { ProductThreads } from '../../src/pipeline/product-work/product-threads.js';
import type * as StartThread from '../../src/start-thread.js';
import { temporaryFolder, temporaryFolderForFile } from '../helpers/temporary-folder.js';
import { filesBelow, makeSmallSession, run, type RunOptions } from './support.js';

/** Machines of two processors start none. */
const asked = vi.hoisted(() => ({ threads: 0, given: 0, started: [] as Worker[] }));
vi.mock('../../src/pipeline/product-work/product-thread-count.js', async (original) => ({
  ...(await original<typeof Count>()),
  productThreadCount: () => ({ started: asked.threads, all: Math.max(asked.threads, asked.given) }),
}));
vi.mock('../../src/start-thread.js', async (original) => {
  const { startThread, ...others } = await original<typeof StartThread>();
  return {
    ...others,
    startThread(...start: Parameters<typeof startThread>) {
      const thread = startThread(...start);
      asked.started.push(thread);
      return thread;
    },
  };
});

const shared = temporaryFolderForFile();
const folder = temporaryFolder();
const input = () => path.join(shared(), 'session');

beforeAll(() => makeSmallSession(input(), { panels: [1, 1], subs: 9, size: [200, 170], extras: false }));
beforeEach(() => {
  asked.started.length = 0;
  asked.given = 0;
});

async function runOn(threads: number, { more, ...options }: RunOptions & { readonly more?: object } = {}) {
  asked.threads = threads;
  const output_dir = path.join(folder(), 'out');
  const argv = { input_dir: input(), output_dir, runtime_temp_dir: path.join(folder(), 'tmp'), ...more };
  const { report, events } = await run(
    { ...argv, resume: 'off', save_html_report: true },
    { backend: () => createWasmBackend({ threads: 1 }), ...options },
  );
  const files = ['_science.fits', '_preview.png', '_report.html'].map((suffix) =>
    readFile(path.join(output_dir, `zemosaic${suffix}`)),
  );
  return { report, events, files: await Promise.all(files) };
}

/** Threads that have not ended: an ended one has no number. */
const living = () => asked.started.filter(({ threadId }) => threadId !== -1);

it('writes the same files on 0, 1 and 3 threads, which do all that they are asked for', async () => {
  const here = await runOn(0);
  expect(asked.started).toHaveLength(0);
  expect(here.report.product?.astrometry.stars).toBeGreaterThan(0);
  const ask = vi.spyOn(ProductThreads.prototype, 'ask');
  for (const threads of [1, 3]) {
    ask.mockClear();
    const there = await runOn(threads);
    expect(ask.mock.calls.map(([kind]) => kind).sort()).toEqual(['noise', 'picture', 'stars', 'steps']);
    for (const { value } of ask.mock.results) expect(await value).toBeDefined();
    expect(there.files.map((bytes, k) => bytes.equals(here.files[k]))).toEqual([true, true, true]);
    expect(there.report.product).toEqual(here.report.product);
  }
  ask.mockRestore();
  expect(asked.started).toHaveLength(4);
  expect(living()).toEqual([]);
});

it('writes the same files with threads of the backend, and starts none', async () => {
  const backend = () => createWasmBackend({ threads: 3 });
  const here = await runOn(0, { backend });
  asked.given = 1;
  const ask = vi.spyOn(ProductThreads.prototype, 'ask');
  const there = await runOn(0, { backend });
  expect(ask.mock.calls.map(([kind]) => kind).sort()).toEqual(['noise', 'picture', 'stars', 'steps']);
  for (const { value } of ask.mock.results) expect(await value).toBeDefined();
  ask.mockRestore();
  expect(asked.started).toHaveLength(0);
  expect(there.files.map((bytes, k) => bytes.equals(here.files[k]))).toEqual([true, true, true]);
  expect(there.report.product).toEqual(here.report.product);
});

it('waits with the header of a compressed image for what is measured: the same again', async () => {
  const more = { output_compression: 'gzip' };
  const [here, there] = [await runOn(0, { more }), await runOn(2, { more })];
  expect(there.files.map((bytes, k) => bytes.equals(here.files[k]))).toEqual([true, true, true]);
});

it('leaves what is made for the eye to the thread that has made it', async () => {
  const more = { visual_seam_heal_enabled: true };
  const ask = vi.spyOn(ProductThreads.prototype, 'ask');
  const [here, there] = [await runOn(0, { more }), await runOn(2, { more })];
  expect(ask.mock.calls.map(([kind]) => kind)).not.toContain('picture');
  ask.mockRestore();
  expect(there.files.map((bytes, k) => bytes.equals(here.files[k]))).toEqual([true, true, true]);
});

it('goes on without threads that die, says so, and does their work', async () => {
  const here = await runOn(0);
  const ask = vi.spyOn(ProductThreads.prototype, 'ask').mockImplementation(async function (
    this: ProductThreads,
    ...work
  ) {
    ask.mockRestore();
    const answer = this.ask(...work);
    for (const thread of asked.started) void thread.terminate();
    return answer;
  });
  const { files, report } = await runOn(2);
  expect(files.map((bytes, k) => bytes.equals(here.files[k]))).toEqual([true, true, true]);
  expect(report.warnings.map(({ code }) => code)).toEqual([
    'pipeline_product_thread_died',
    'pipeline_product_thread_died',
  ]);
  expect(living()).toEqual([]);
});

it.each(['assembly', 'save'])('leaves no thread and no file behind when %s is stopped', async (phase) => {
  const stop = new AbortController();
  const stopped = runOn(3, {
    signal: stop.signal,
    onEvent(event) {
      if (event.type === 'phase-started' && event.phase === phase) stop.abort('SIGINT');
    },
  });
  await expect(stopped).rejects.toThrow();
  expect(living()).toEqual([]);
  const left = (await filesBelow(folder())).filter((file) => !file.endsWith('/'));
  expect(left).toEqual(['out/run-report.json']);
});
